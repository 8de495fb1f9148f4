/* Made from wire.schema.json by `npm run types`; edit the Rust types instead. */

/** Who stopped a run. */
export type Canceller = "client" | "person" | "owner";
/** Whether Codex has a login; whether that is still valid, only a run shows. */
export type Login = "logged_in" | "not_logged_in" | "unknown";
/** What became of a run's copy. */
export type Fate = "applied" | "branched" | "discarded" | "expired";
/** In the folder itself, or in a copy. */
export type WorkspaceMode = "in_place" | "worktree";
/** Whether something that was asked for is what Codex used. */
export type Check = "confirmed" | "differs" | "unconfirmed";
/** How the review of a part went. */
export type PartResult = "reviewed" | "unreadable" | "not_reached";
/** Why a file was not looked at. */
export type UncoveredWhy = "binary" | "too_large" | "too_many";
/** An answer. */
export type Decision = "allow_once" | "allow_for_run" | "decline" | "stop";
/** How bad a finding is. */
export type Level = "ok" | "warning" | "fault";
/** How Codex is driven. */
export type Driver = "exec" | "app_server";
/** Where a run stands. */
export type State =
  | "queued"
  | "starting"
  | "running"
  | "waiting"
  | "stopping"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "timed_out"
  | "lost";
/** Whether a place is really there. */
export type Place = "verified" | "moved" | "unverified";
/** How bad a finding is. */
export type Severity = "critical" | "high" | "medium" | "low" | "unrated";
/** What a run is for. */
export type Kind = "task" | "review" | "continue" | "resume";
/** What a question is about. */
export type QuestionKind = "command" | "file_change";
/** A verdict in one word. */
export type Verdict = "correct" | "needs_work" | "unknown";
/** A time limit. */
export type Limit = "total" | "silence" | "first_event";
/** Where a setting belongs. */
export type Group = "defaults" | "ceilings" | "limits" | "history" | "codex" | "roots" | "scrub" | "app";
/** The page on which a fault is mended. */
export type MendedOn = "setup" | "settings";
/** What is being written. */
export type LiveKind = "message" | "reasoning" | "output";
/** Who set a setting. */
export type Source = "default" | "file" | "environment";
/** How far a step is. */
export type StepState = "running" | "ok" | "failed" | "skipped";
/** What a setting takes. */
export type SettingKind =
  | {
      type: "bool";
    }
  | {
      /** The most. */
      max: number;
      /** The least. */
      min: number;
      type: "number";
      /** What it counts. */
      unit: string | null;
    }
  | {
      type: "text";
    }
  | {
      type: "path";
    }
  | {
      /** The words. */
      options: string[];
      type: "choice";
    }
  | {
      type: "list";
    };
/** Whether the model is told. */
export type Told = "yes" | "no" | "not_yet";

/** The shapes that the window gets from the bridge. Made by a test of bridge-core. */
export interface Wire {
  About?: About;
  Access?: Access;
  Action?: Action;
  ApiKey?: ApiKey;
  Applied?: Applied;
  AuditEntry?: AuditEntry;
  AuditPage?: AuditPage;
  Backup?: Backup;
  Canceller?: Canceller;
  Candidate?: Candidate;
  Changes?: Changes;
  ChangesPage?: ChangesPage;
  Check?: Check;
  Checks?: Checks;
  Client?: Client;
  ClientChange?: ClientChange;
  ClientFile?: ClientFile;
  ClientFileChange?: ClientFileChange;
  ClientList?: ClientList;
  Code?: Code;
  Codex?: Codex;
  CodexFound?: CodexFound;
  Conflict?: Conflict;
  Coverage?: Coverage;
  Decision?: Decision;
  Deed?: Deed;
  Doctor?: Doctor;
  Driver?: Driver;
  Error?: Error;
  Event?: Event;
  Exit?: Exit;
  Fate?: Fate;
  FileChange?: FileChange;
  FilePatch?: FilePatch;
  FileSummary?: FileSummary;
  Finding?: Finding;
  Finished?: Finished;
  Group?: Group;
  Health?: Health;
  Hello?: Hello;
  Hunk?: Hunk;
  Kind?: Kind;
  LeftOut?: LeftOut;
  Level?: Level;
  Limit?: Limit;
  Live?: Live;
  LiveKind?: LiveKind;
  Login?: Login;
  LoginItem?: LoginItem;
  Look?: Look;
  LostServers?: LostServers;
  McpClient?: McpClient;
  Mended?: Mended;
  MendedOn?: MendedOn;
  Model?: Model;
  Obstacles?: Obstacles;
  Part?: Part;
  PartResult?: PartResult;
  Place?: Place;
  PlanStep?: PlanStep;
  Proof?: Proof;
  Question?: Question;
  QuestionKind?: QuestionKind;
  Quota?: Quota;
  QuotaWindow?: QuotaWindow;
  Recorded?: Recorded;
  Requested?: Requested;
  Resources?: Resources;
  Review?: Review;
  ReviewCode?: ReviewCode;
  Root?: Root;
  Run?: Run;
  RunBatch?: RunBatch;
  RunPage?: RunPage;
  RunSummary?: RunSummary;
  SelfTest?: SelfTest;
  SelfTestStep?: SelfTestStep;
  Session?: Session;
  Setting?: Setting;
  SettingKind?: SettingKind;
  Severity?: Severity;
  Source?: Source;
  Started?: Started;
  State?: State;
  Status?: Status;
  Steered?: Steered;
  Step?: Step;
  StepState?: StepState;
  Text?: Text;
  Told?: Told;
  Trouble?: Trouble;
  Uncovered?: Uncovered;
  UncoveredWhy?: UncoveredWhy;
  Updates?: Updates;
  Usage?: Usage;
  Verdict?: Verdict;
  Watch?: Watch;
  Workspace?: Workspace;
  WorkspaceMode?: WorkspaceMode;
}
/** What this program is. */
export interface About {
  /** The version of Codex, if one was found. */
  codex: string | null;
  /** The configuration file. */
  config_path: string;
  /** Where runs are kept. */
  state_dir: string;
  /** The version of the bridge. */
  version: string;
}
/** What came of opening and listing a folder. */
export interface Access {
  /** Whether it went well. */
  ok: boolean;
  /** What was seen, or what the system said. */
  text: string;
}
/** What can be done about a finding. */
export interface Action {
  /** The command line that does it. */
  command?: string | null;
  /** Names it. */
  key: string;
  /** What it does, in a few words. */
  label: string;
  /** Who can do it: `unasked` (`doctor --fix`), `asked` (`doctor --fix <id>`, or a button), `by_hand` (the person). */
  mends: string;
}
/** Whether an API key lies in the system's keychain. */
export interface ApiKey {
  /** Why the keychain can't be asked. */
  problem: Error | null;
  /** Whether there is one. */
  stored: boolean;
}
/** What went wrong and what to do about it. */
export interface Error {
  /** A stable name to branch on, such as `outside_roots` or `logged_out`. */
  code: string;
  /** What the person or the client can do about it. */
  hint: string;
  /** The thing and the reason. */
  message: string;
}
/** What Codex really used. What is absent was not read back. */
export interface Applied {
  /** The effort. */
  effort?: string | null;
  /** The model. */
  model?: string | null;
  /** Whether the network was open. */
  network?: boolean | null;
  /** The sandbox. */
  sandbox?: string | null;
  /** The folder. */
  working_dir?: string | null;
}
/** Something that somebody asked for, and what came of it. */
export interface AuditEntry {
  /** For what. */
  action: string;
  /** When. */
  at: string;
  /** Who asked. */
  client: string;
  /** What else is worth knowing. */
  detail: string;
  /** Its number. */
  n: number;
  /** What came of it. */
  outcome: string;
  /** What it was about. */
  subject: string;
}
/** A page of the audit log, newest first. */
export interface AuditPage {
  /** On the first page, all that was asked for; else null. */
  actions: string[] | null;
  /** On the first page, all clients that asked for something; else null. */
  clients: string[] | null;
  /** The entries. */
  entries: AuditEntry[];
  /** The `before` of the next page; null at the end. */
  next: number | null;
}
/** An earlier state of a file. */
export interface Backup {
  /** When it was kept. */
  at: string;
  /** How many bytes the file had; null where there was none. */
  bytes: number | null;
  /** Its name. */
  id: string;
}
/** A file that may be the Codex binary. */
export interface Candidate {
  /** Whether it is the one that runs use. */
  chosen: boolean;
  /** What this version can't do, a sentence each. */
  lacks: string[];
  login: Login;
  /** Where it is. */
  path: string;
  /** What is wrong with it. */
  problem: string | null;
  /** Who says so. */
  source: string;
  /** Whether runs can use it. */
  usable: boolean;
  /** Its version; null if it did not tell. */
  version: string | null;
}
/** What a run changed, told by git and not by the model. */
export interface Changes {
  /** Names the whole difference; codex_finish_run wants it. */
  diff_hash?: string | null;
  /** Files with uncommitted changes from before the run, which are set apart. */
  dirty_before: number;
  /** How many files changed. */
  files: number;
  /** The first of them; codex_get_changes has all. */
  first: FileSummary[];
  /** Things in the folder that are no part of the difference, such as ignored files. */
  left_out: number;
  /** Lines added in all of them. */
  lines_added: number;
  /** Lines removed from all of them. */
  lines_removed: number;
  /** Why nothing is known, where git could not tell. */
  unknown_because?: string | null;
}
/** One changed file. */
export interface FileSummary {
  /** `added`, `deleted`, `modified` or `renamed`. */
  change: string;
  /** Lines added; absent for a file that is no text. */
  lines_added?: number | null;
  /** Lines removed; absent for a file that is no text. */
  lines_removed?: number | null;
  /** Its path in the repository. */
  path: string;
}
/** A part of what a run changed. */
export interface ChangesPage {
  /** What stands in the way of `apply`, where that was asked for. */
  apply?: Obstacles | null;
  /** Names the whole difference; codex_finish_run wants it. */
  diff_hash: string;
  /** The files of this page. */
  files: FilePatch[];
  /** The commit that the folder is at now. */
  head: string | null;
  /** Whether secrets were hidden in what is shown here. What is applied is exact. */
  hidden: boolean;
  /** What lies in the folder and is no part of the difference. */
  left_out: LeftOut[];
  /** Things that were left out and are not listed. */
  left_out_more: number;
  /** Lines added in all of them. */
  lines_added: number;
  /** Lines removed from all of them. */
  lines_removed: number;
  /** The cursor of the next page; null at the end. */
  next_cursor: number | null;
  /** The run. */
  run_id: string;
  /** How many files changed in all. */
  total_files: number;
  workspace: Workspace;
}
/** What stands in the way of bringing changes into the folder. */
export interface Obstacles {
  /** The files in the way. */
  conflicts: Conflict[];
  /** Files in the way that are not listed. */
  conflicts_more: number;
  /** Whether the folder is at another commit than the one that the copy was made from. */
  head_moved: boolean;
  /** Whether `apply` would do it now. */
  possible: boolean;
}
/** A file that stands in the way. */
export interface Conflict {
  /** The run's hunks in this file, each with what becomes of it. */
  hunks?: Hunk[];
  /** Its path in the repository. */
  path: string;
  /** Why, such as `changed_meanwhile`, `exists`, `missing` or `symlinked_parent`. */
  reason: string;
}
/** A piece of what the run changed in a file. */
export interface Hunk {
  /** The lines that it brings. */
  after: string;
  /** The lines that it replaces, such as `12-14`, or `12+` for a place before line 12. */
  before: string;
  /** `fits`, `overlaps` or `already_there`. */
  fate: string;
}
/** One changed file, with a part of its patch. */
export interface FilePatch {
  /** Whether it is no text. */
  binary: boolean;
  /** `added`, `deleted`, `modified` or `renamed`. */
  change: string;
  /** Its old path, for a renamed file. */
  from?: string | null;
  /** Lines added. */
  lines_added?: number | null;
  /** Lines removed. */
  lines_removed?: number | null;
  /** Git's mode now. */
  mode_after?: string | null;
  /** Git's mode before, such as `100644`. */
  mode_before?: string | null;
  /** The patch in unified form, from `patch_offset` on. */
  patch: string;
  /** How long the whole patch is, in bytes. */
  patch_bytes: number;
  /** Whether the patch's end was too much to show at all. */
  patch_cut: boolean;
  /** Where in the patch this part begins, in bytes. */
  patch_offset: number;
  /** Its path in the repository. */
  path: string;
}
/** Something that is no part of a difference. */
export interface LeftOut {
  /** Where it is; a folder ends with `/`. */
  path: string;
  /** `ignored`, `mount_stub`, `nested_repository`, `too_large`, `not_a_file` or `unreadable`. */
  why: string;
}
/** Where Codex really works. */
export interface Workspace {
  /** The commit that a copy was made from. */
  base_commit?: string | null;
  /** The branch that holds its changes. */
  branch?: string | null;
  /** Whether uncommitted work of the folder was taken into the copy. */
  carried: boolean;
  /** What became of the copy; absent while it is there. */
  fate?: Fate | null;
  /** Why it is not the mode that was asked for. */
  fell_back?: string | null;
  mode: WorkspaceMode;
  /** The folder in which Codex is started. */
  path: string;
}
/** Whether Codex used what was asked for. Before the run is final all is `unconfirmed`. */
export interface Checks {
  effort: Check;
  model: Check;
  network: Check;
  sandbox: Check;
  working_dir: Check;
}
/** Who asked for a run. */
export interface Client {
  /** The client's name; `cli` for the command line. */
  name: string;
  /** Its session. */
  session?: string | null;
  /** Its version. */
  version?: string | null;
}
/** What was done with a client's files, or would be. */
export interface ClientChange {
  /** The client's name on the command line. */
  client: string;
  /** Why our program may not be there later. */
  doubt: string | null;
  /** The files that change; none where all is as it should be. */
  files: ClientFileChange[];
  /** What was not, and why. */
  left: string[];
  /** Its name for people. */
  name: string;
  /** Why a client that was quit could not be started again. */
  not_started: string | null;
  /** How the client comes to know of it. */
  reload: string;
  /** Whether the client was quit and started again. */
  restarted: boolean;
  /** What was taken over from the TypeScript bridge, a sentence each. */
  taken_over: string[];
}
/** A file that changes. */
export interface ClientFileChange {
  /** The difference, unified, without secrets. */
  diff: string;
  /** Whether it is made by this. */
  is_new: boolean;
  /** Whether it is removed by this. */
  is_removed: boolean;
  /** The file. */
  path: string;
  /** Where it really lies, if a symlink leads there. */
  real: string | null;
}
/** A configuration file of a client. */
export interface ClientFile {
  /** The earlier states that are kept, the newest first. */
  backups: Backup[];
  /** Whether it is there. */
  exists: boolean;
  /** The entry of the TypeScript bridge, whose settings can be taken over. */
  legacy: string | null;
  /** Servers of others that the client lost together with ours. */
  lost: LostServers | null;
  /** Where it is. */
  path: string;
  /** Its name among the client's files. */
  place: string;
  /** What is wrong with it. */
  problem: string | null;
  /** The program in our entry. */
  program: string | null;
  /** What stands in it of us: absent, installed, switched_off, outdated, broken, wiped, taken_out or unusable. */
  state: string;
  /** Whether a repair puts it right. */
  wants_repair: boolean;
}
/** Servers of others that a client lost. */
export interface LostServers {
  /** The name of the state that has them. */
  backup: string;
  /** Their names. */
  names: string[];
}
/** All clients. */
export interface ClientList {
  /** The clients; those that were found on this computer come first. */
  clients: McpClient[];
  /** The names under which Codex itself has the bridge as a server, which must not be. */
  codex_references: string[];
  /** The program that an installation names. */
  program: string;
  /** Why that program may not be there later, or why nothing can be installed from where it is. */
  program_doubt: string | null;
}
/** A client. */
export interface McpClient {
  /** Its files. */
  files: ClientFile[];
  /** When it last started our server. */
  hello: Hello | null;
  /** Its name on the command line. */
  id: string;
  /** Whether it was found on this computer. */
  is_found: boolean;
  /** Where it writes what its servers say. */
  logs: string[];
  /** Whether it runs and has to be quit before its file is changed. */
  must_be_quit: boolean;
  /** Its name for people. */
  name: string;
  /** What an entry serves, where the name does not say. */
  note: string;
  /** Whether it writes over its file while it runs, so that it has to be started anew for a change. */
  overwrites: boolean;
  /** How it comes to know of a change. */
  reload: string;
  /** What its log tells of our server, if that did not work. */
  trouble: Trouble | null;
  /** What is to be done as soon as it has been quit: install, repair or remove. */
  waiting: string | null;
}
/** When a client last started our server. */
export interface Hello {
  /** When. */
  at: string;
  /** As it introduced itself. */
  client: string;
  /** Its version. */
  version: string | null;
}
/** What a client's log tells of our server. */
export interface Trouble {
  /** What to do. */
  remedy: string;
  /** What happened. */
  what: string;
}
/** Lines of a file. */
export interface Code {
  /** Of which finding, counted from 0 over all findings. */
  finding: number;
  /** The number of the first line. */
  start_line: number;
  /** The lines, without secrets. */
  text: string;
}
/** The Codex binary of a run. */
export interface Codex {
  /** Its path. */
  path: string;
  /** Its version. */
  version: string;
}
/** The Codex binary. */
export interface CodexFound {
  /** What this version can't do, and what that costs. */
  lacks: string[];
  /** What is known of the login, which is no proof that it is valid. */
  login: string;
  /** The models that it offers, in its own order; empty where it does not tell. Others may be named as well. */
  models: Model[];
  /** Where the path came from. */
  origin: string;
  /** The program that is started. */
  path: string;
  /** Its version. */
  version: string;
}
/** A model. */
export interface Model {
  /** What Codex says of it. */
  about?: string | null;
  /** The effort that it has when none is asked for. */
  default_effort?: string | null;
  /** The efforts that it takes. */
  efforts: string[];
  /** Whether Codex takes it unless its configuration or a request names another. */
  is_default: boolean;
  /** The name to ask for. */
  name: string;
}
/** Which part of a change was looked at. */
export interface Coverage {
  /** Whether that is all of them. */
  complete: boolean;
  /** How many of them were looked at. */
  covered: number;
  /** How many files the change has. */
  files: number;
  /** The parts in which the change was reviewed, one after another; more than one for a large change. */
  parts: Part[];
  /** The first of the files that were not looked at, and why. */
  uncovered: Uncovered[];
  /** How many more were not. */
  uncovered_more?: number;
}
/** A part of a change. */
export interface Part {
  /** How many files it has. */
  files: number;
  result: PartResult;
}
/** A file that was not looked at. */
export interface Uncovered {
  /** The file. */
  file: string;
  why: UncoveredWhy;
}
/** Something that was done, or would be. */
export interface Deed {
  /** Why it was not done. */
  error: Error | null;
  /** The finding that it was done for. */
  id: string;
  /** The action's name. */
  key: string;
  /** What it does. */
  label: string;
  /** What was done; null where it failed or was only to be said. */
  said: string | null;
  /** What was found. */
  what: string;
}
/** What is installed, logged in and allowed, and what is wrong. */
export interface Doctor {
  /** The folders below which Codex may work. */
  allowed_roots: string[];
  /** The version of the bridge. */
  bridge_version: string;
  /** The Codex binary that would be used; null if none was found. */
  codex: CodexFound | null;
  /** Every look, the good ones too. */
  findings: Look[];
  level: Level;
  /** Runs that wait for their turn. */
  queued: number;
  /** What is left of the account's limits; null where Codex has not told. */
  quota: Quota | null;
  /** Runs under way. */
  running: number;
}
/** One look. */
export interface Look {
  /** What was looked at. */
  about: string;
  /** What the person can do about it at once. */
  action?: Action | null;
  /** A stable name: what is wrong, such as `root_missing`, or what was looked at and is well, such as `roots`. */
  id: string;
  level: Level;
  /** What mends it. */
  remedy?: string | null;
  /** What was seen. */
  what: string;
  /** Why it matters. */
  why?: string | null;
}
/** What Codex told last of the account's limits. */
export interface Quota {
  /** Whether the service refused a run then. */
  refused: boolean;
  /** When it told. */
  told_at: string;
  /** The limits. */
  windows: QuotaWindow[];
}
/** A limit on what may be used in a time. */
export interface QuotaWindow {
  /** How much of it is left, in percent. */
  left_percent: number;
  /** What it is called, such as `5-hour limit`. */
  name: string;
  /** When it begins anew. */
  resets_at: string | null;
}
/** One thing that happened in a run. Which fields are there depends on `kind`. */
export interface Event {
  /**
   * `notice`: what it is about: `cut`, `left_behind`, `limit_reached`, `decided`, `supervisor_died`,
   * `review`, `differs`, `steered`, `not_steered`, `asked`, `answered`.
   */
  about?: string | null;
  /** When the bridge saw it. */
  at: string;
  /** `file_change`: the files. */
  changes?: FileChange[] | null;
  /** Files that are missing at the end of `changes`. */
  changes_left_out?: number;
  /** `unknown`: the kind in Codex's words. */
  codex_kind?: string | null;
  /** `command`: the command line. */
  command?: string | null;
  /** Bytes that are missing at the end of `command`. */
  command_left_out?: number;
  /** `command`: its exit code, once it has ended. */
  exit_code?: number | null;
  /** Codex's id of the command or change; the same in all events about it. */
  item_id?: string | null;
  /**
   * What it is: `state`, `thread_started`, `turn_started`, `turn_completed`, `turn_failed`, `message`, `reasoning`,
   * `command`, `file_change`, `plan`, `web_search`, `tool_call`, `warning`, `notice`, `noise`, `stderr`, `unknown`.
   */
  kind: string;
  /** `command`: what it printed so far. */
  output?: string | null;
  /** Bytes that are missing at the end of `output`. */
  output_left_out?: number;
  /** How far the item is: `started`, `updated`, `completed`. */
  phase?: string | null;
  /** `web_search`: what was searched for. */
  query?: string | null;
  /** Bytes that are missing at the end of `query`. */
  query_left_out?: number;
  /** `unknown`: the event as JSON. */
  raw?: string | null;
  /** Bytes that are missing at the end of `raw`. */
  raw_left_out?: number;
  /** Counts from 1 in each run, without gaps. */
  seq: number;
  /** `tool_call`: the MCP server. */
  server?: string | null;
  /** `state`: the new state. */
  state?: State | null;
  /** Codex's word for how it went. */
  status?: string | null;
  /** `plan`: its steps, in order. */
  steps?: PlanStep[] | null;
  /** Steps that are missing at the end of `steps`. */
  steps_left_out?: number;
  /** What was said: the text of messages, reasoning, failures, warnings, notices, noise and error output. */
  text?: string | null;
  /** Bytes that are missing at the end of `text`. */
  text_left_out?: number;
  /** `thread_started`: Codex's session id. */
  thread_id?: string | null;
  /** `tool_call`: the tool. */
  tool?: string | null;
  /** `turn_completed`: what the turn cost. */
  usage?: Usage | null;
}
/** A file that Codex changed. */
export interface FileChange {
  /** `add`, `delete` or `update`, in Codex's words. */
  kind: string;
  /** The path as Codex gave it. */
  path: string;
}
/** A step of the model's plan. */
export interface PlanStep {
  /** Whether it is done. */
  done: boolean;
  /** What is to be done. */
  text: string;
}
/** What a run cost, in tokens. */
export interface Usage {
  /** Of these, from the cache. */
  cached_input_tokens: number;
  /** Tokens that went in. */
  input_tokens: number;
  /** Tokens that came out. */
  output_tokens: number;
  /** Of these, for reasoning. */
  reasoning_tokens: number;
}
/** How the Codex process ended: one of both. */
export interface Exit {
  /** By itself, with this code. */
  code?: number | null;
  /** By this signal. */
  signal?: number | null;
}
/** One thing that the reviewer would have mended. */
export interface Finding {
  /** Why it is a problem, Markdown. */
  body: string;
  /** How sure the reviewer is, from 0 to 1. */
  confidence?: number | null;
  /** The last line. */
  end_line?: number | null;
  /** The file, relative to the repository's top. */
  file: string;
  /** Whether the file is one of those that the change touches. */
  in_change: boolean;
  place: Place;
  /** What is wrong with the place. */
  place_note?: string | null;
  /** How often it was reported: more than 1 if duplicates were joined. */
  reports: number;
  severity: Severity;
  /** The first line; absent where the finding is about the whole file. */
  start_line?: number | null;
  /** What to write instead. */
  suggested_fix?: string | null;
  /** One line. */
  title: string;
}
/** How a worktree ended. */
export interface Finished {
  /** The branch that holds the changes. */
  branch?: string | null;
  /** Its commit. */
  commit?: string | null;
  /** Files that were in the folder already as the run left them. */
  files_already_there: number;
  /** Files of the folder that were changed, added or removed. */
  files_changed: number;
  /** Whether secrets were hidden where the changes were shown. What was applied is exact. */
  hidden: boolean;
  /** What the person should know besides. */
  notes?: string[];
  run: Run;
}
/** One run: what was asked, what happens now, how it ended. */
export interface Run {
  /** What is happening right now, in one line. */
  activity: string | null;
  applied: Applied;
  /** Who cancelled it. */
  cancelled_by: Canceller | null;
  /** What it changed in the repository. */
  changes: Changes | null;
  checks: Checks;
  client: Client;
  /** The Codex binary. */
  codex: Codex | null;
  /** The run whose thread this one goes on with. */
  continues: string | null;
  /** When it was asked for. */
  created_at: string;
  /** What drives it; codex_steer_run works with `app_server` only. */
  driver: Driver | null;
  /** How long Codex has worked: up to the end, or up to now. */
  duration_ms: number | null;
  /** When it was over. */
  ended_at: string | null;
  /** What went wrong. */
  error: Error | null;
  events: Recorded;
  /** How the Codex process ended. */
  exit: Exit | null;
  /** Whether it is over and nothing will change any more. */
  is_final: boolean;
  kind: Kind;
  /** The model's last message, Markdown; once the run is final, its answer. This part begins at `message_offset`. */
  message: string | null;
  /** How long the kept message is, in bytes. */
  message_bytes: number;
  /** Bytes at the message's end that were too much to keep and are gone. */
  message_left_out: number;
  /** The `message_offset` to read on with; null at the end. */
  message_next_offset: number | null;
  /** Where in the message this part begins, in bytes. */
  message_offset: number;
  /** Whether there is more of the message than is shown here. */
  message_truncated: boolean;
  /** The beginning of what was asked. */
  prompt: string;
  /** Bytes of the prompt that are not shown. */
  prompt_left_out: number;
  /** What Codex asks and waits for; only while the state is `waiting`. */
  question: Question | null;
  /** The client's name for the request. */
  request_id: string | null;
  requested: Requested;
  resources: Resources;
  /** What a review found. */
  review: Review | null;
  /** The run's id. */
  run_id: string;
  /** When Codex was started. */
  started_at: string | null;
  state: State;
  /** Codex's own session id. */
  thread_id: string | null;
  /** Which time limit it reached. */
  time_limit: Limit | null;
  /** One line for lists. */
  title: string;
  /** What it cost. */
  usage: Usage | null;
  /** The folder that was asked for, resolved. */
  working_dir: string;
  workspace: Workspace;
}
/** How many events a run has. */
export interface Recorded {
  /** Bytes that they take. */
  bytes: number;
  /** Events that were too many to keep. */
  left_out: number;
  /** Events to read; also the number of the last one. */
  recorded: number;
}
/** What a run that is `waiting` waits for. */
export interface Question {
  /** When it was asked. */
  asked_at: string;
  /** When it is declined, if nobody answers. */
  expires_at: string;
  /** Where it would run. */
  folder: string | null;
  kind: QuestionKind;
  /** Counts the run's questions from 1. */
  number: number;
  /** Why, in the model's words. */
  reason: string | null;
  /** The sandbox that it would leave. */
  sandbox: string;
  /** The command, or the files. */
  subject: string;
}
/** What was asked for. What is absent was left to Codex. */
export interface Requested {
  /** The effort. */
  effort?: string | null;
  /** How many images went with the prompt. */
  images: number;
  /** The model. */
  model?: string | null;
  /** Whether they may use the network. */
  network: boolean;
  /** Whether the answer has to follow a JSON Schema. */
  output_schema: boolean;
  /** Whether the run is kept on disk. */
  persist: boolean;
  /** The sandbox of the model's commands. */
  sandbox: string;
  /** The time limit. */
  timeout_s: number;
  /** Whether the model may search the web. */
  web_search: boolean;
}
/** The addresses of a run's MCP resources. */
export interface Resources {
  /** What it changed. */
  diff?: string | null;
  /** Its events. */
  events: string;
  /** Its final message. */
  message: string;
  /** What it found. */
  review?: string | null;
  /** The run. */
  run: string;
}
/** What a review found. */
export interface Review {
  /** The commit after the change; absent for the files as they lie in the folder. */
  after?: string | null;
  /** The commit before the change. */
  before?: string | null;
  /** How sure the reviewer is, from 0 to 1. */
  confidence?: number | null;
  coverage: Coverage;
  /** Why. */
  explanation: string;
  /** The findings from `findings_offset` on, as many as fit. */
  findings: Finding[];
  /** How many more were too many to keep. */
  findings_left_out?: number;
  /** The `findings_offset` to read on with; null at the end. */
  findings_next_offset: number | null;
  /** How many findings come before these. */
  findings_offset: number;
  /** How many findings there are to read, the worst first. */
  findings_total: number;
  /** What was reviewed, in words. */
  subject: string;
  verdict: Verdict;
}
/** Whether all is well, in one line. */
export interface Health {
  level: Level;
  /** Where it is mended. */
  page: MendedOn | null;
  /** What is wrong, or that nothing is. */
  text: string;
}
/** A message, a thought or the output of a command that is still being written. It will come whole as an event. */
export interface Live {
  /** Which item it is; another id means another text. */
  item: string;
  kind: LiveKind;
  /** How many bytes before `text` are left out. */
  left_out: number;
  /** The end of its text so far. A word that may become a part of a secret is held back. */
  text: string;
}
/** Whether the app starts with the session. */
export interface LoginItem {
  /** Whether it does. */
  enabled: boolean;
  /** What the person has to know about it. */
  note: string | null;
}
/** What was mended, and how everything stands afterwards. */
export interface Mended {
  /** What was done, or would be. */
  done: Deed[];
  report: Doctor;
}
/** Whether a client that was started has started our server. */
export interface Proof {
  /** When it did. */
  hello: Hello | null;
  /** Its log. */
  log: string | null;
  /** Why it could not, if its log says so. */
  trouble: Trouble | null;
}
/** The lines that the findings of a review speak of. */
export interface ReviewCode {
  /** The lines of each finding whose place is there. */
  code: Code[];
}
/** A folder below which Codex may work. */
export interface Root {
  access: Access;
  /** Why it needs insistence, if it does. */
  broad: string | null;
  /** The folder. */
  path: string;
  source: Source;
}
/** The news of one run. */
export interface RunBatch {
  /** The events after the last batch, oldest first. */
  events: Event[];
  /** Whether the run has ended and all of its events were told. */
  is_final: boolean;
  /** What it is writing at this moment. */
  live: Live | null;
  /** The cursor after the last of them. */
  next_cursor: number;
  run: Run;
}
/** A page of runs, newest first. */
export interface RunPage {
  /** The `cursor` of the next page; null at the end. */
  next_cursor: number | null;
  /** Whether the person has paused new runs: then they stay queued. */
  paused?: boolean;
  /** The runs. */
  runs: RunSummary[];
  /** With source `codex`: the sessions that Codex has kept. */
  sessions?: Session[] | null;
  /** With source `codex`: how many files on the way could not be read as sessions. */
  skipped?: number | null;
}
/** One run in a list. */
export interface RunSummary {
  /** What is happening right now. */
  activity?: string | null;
  /** The name of the client that asked. */
  client: string;
  /** When it was asked for. */
  created_at: string;
  /** How long Codex has worked. */
  duration_ms?: number | null;
  /** When it was over. */
  ended_at?: string | null;
  /** What went wrong. */
  error?: Error | null;
  /** Whether it is over. */
  is_final: boolean;
  kind: Kind;
  /** The run's id. */
  run_id: string;
  state: State;
  /** One line. */
  title: string;
  /** The folder that was asked for, resolved. */
  working_dir: string;
}
/** One session that Codex has kept. */
export interface Session {
  /** Whether it is archived; then it can't be gone on with. */
  archived: boolean;
  /** How large its record is, in bytes. */
  bytes: number;
  /** The version of Codex that began it. */
  codex_version?: string | null;
  /** When it was begun. */
  created_at?: string | null;
  /** The latest run of the bridge that worked in it. */
  run_id?: string | null;
  /** The session's id, for `codex_resume_session`. */
  session_id: string;
  /** What began it, in Codex's words, such as `cli`, `exec` or `vscode`. */
  source?: string | null;
  /** The beginning of what was said first. */
  title?: string | null;
  /** When something was last added to it. */
  updated_at?: string | null;
  /** The folder in which it was begun. */
  working_dir?: string | null;
}
/** How a self-test ended. */
export interface SelfTest {
  /** Whether every step went well. */
  passed: boolean;
  /** Every step that was tried, in order. */
  steps: Step[];
  /** How long it took. */
  took_ms: number;
}
/** A step of the self-test. */
export interface Step {
  /** What was seen, or what went wrong. */
  detail: string | null;
  /** A stable name, such as `connect`. */
  name: string;
  /** What mends it. */
  remedy: string | null;
  /** `running`, `passed` or `failed`. */
  state: string;
  /** What it does, in a few words. */
  title: string;
  /** How long it took so far. */
  took_ms: number;
}
/** A step as it is told while the test goes on. */
export interface SelfTestStep {
  /** What mends it. */
  remedy: string | null;
  state: StepState;
  /** A stable name, such as `connect`. */
  step: string;
  /** What it does and what was seen, or what went wrong. */
  text: string;
  /** How long it took so far. */
  took_ms: number;
}
/** One key of the configuration. */
export interface Setting {
  /** What it is where nobody set it; null where there is nothing. */
  default: unknown;
  group: Group;
  /** The key as the file has it, dotted. */
  key: string;
  kind: SettingKind;
  /** What it is for, in a sentence or two. */
  meaning: string;
  /** The variable of the environment that overrides the file right now. */
  overridden_by: string | null;
  source: Source;
  /** Its name for people. */
  title: string;
  /** What it is now; null where there is nothing. */
  value: unknown;
}
/** The run that was started, as it stands now. */
export interface Started {
  /** What is happening right now, in one line. */
  activity: string | null;
  applied: Applied;
  /** Who cancelled it. */
  cancelled_by: Canceller | null;
  /** What it changed in the repository. */
  changes: Changes | null;
  checks: Checks;
  client: Client;
  /** The Codex binary. */
  codex: Codex | null;
  /** The run whose thread this one goes on with. */
  continues: string | null;
  /** When it was asked for. */
  created_at: string;
  /** What drives it; codex_steer_run works with `app_server` only. */
  driver: Driver | null;
  /** How long Codex has worked: up to the end, or up to now. */
  duration_ms: number | null;
  /** When it was over. */
  ended_at: string | null;
  /** What went wrong. */
  error: Error | null;
  events: Recorded;
  /** How the Codex process ended. */
  exit: Exit | null;
  /** Whether it is over and nothing will change any more. */
  is_final: boolean;
  kind: Kind;
  /** The model's last message, Markdown; once the run is final, its answer. This part begins at `message_offset`. */
  message: string | null;
  /** How long the kept message is, in bytes. */
  message_bytes: number;
  /** Bytes at the message's end that were too much to keep and are gone. */
  message_left_out: number;
  /** The `message_offset` to read on with; null at the end. */
  message_next_offset: number | null;
  /** Where in the message this part begins, in bytes. */
  message_offset: number;
  /** Whether there is more of the message than is shown here. */
  message_truncated: boolean;
  /** The beginning of what was asked. */
  prompt: string;
  /** Bytes of the prompt that are not shown. */
  prompt_left_out: number;
  /** What Codex asks and waits for; only while the state is `waiting`. */
  question: Question | null;
  /** Whether the same request_id had started this run before. */
  repeated: boolean;
  /** The client's name for the request. */
  request_id: string | null;
  requested: Requested;
  resources: Resources;
  /** What a review found. */
  review: Review | null;
  /** The run's id. */
  run_id: string;
  /** When Codex was started. */
  started_at: string | null;
  state: State;
  /** Codex's own session id. */
  thread_id: string | null;
  /** Which time limit it reached. */
  time_limit: Limit | null;
  /** One line for lists. */
  title: string;
  /** What it cost. */
  usage: Usage | null;
  /** The folder that was asked for, resolved. */
  working_dir: string;
  workspace: Workspace;
}
/** What runs, what waits, what ended last, and whether all is well. */
export interface Status {
  health: Health;
  /** Whether new runs stay in the queue. */
  paused: boolean;
  /** How many runs wait for their turn. */
  queued: number;
  /** The runs that ended last, newest first, at most five. */
  recent: RunSummary[];
  /** Runs that are under way and need nothing, newest first. */
  running: RunSummary[];
  /** Runs that wait for the person's answer, newest first. */
  waiting: RunSummary[];
}
/** What became of something that was said to a run. */
export interface Steered {
  /** Whether something was taken out of the message that looks like a secret. */
  hidden: boolean;
  /** What the run asks now. */
  question: Question | null;
  /** Why it is not. */
  reason: string | null;
  /** The run. */
  run_id: string;
  state: State;
  /** Whether the model is told what was said; null if an answer was given. */
  told: Told | null;
}
/** A text. */
export interface Text {
  /** The text. */
  text: string;
}
/** The events of a run after a cursor, and how the run stands. */
export interface Updates {
  /** What is happening right now, in one line. */
  activity: string | null;
  /** What went wrong. */
  error: Error | null;
  /** The events, oldest first. */
  events: Event[];
  /** Whether it is over. Then `codex_get_run` has the final message. */
  is_final: boolean;
  /** What is being written at this moment, where Codex tells it: the end of it, before it comes whole as an event. */
  live?: Live | null;
  /** Whether there are more events right now. */
  more: boolean;
  /** The `cursor` for the next call. */
  next_cursor: number;
  /** The run's id. */
  run_id: string;
  state: State;
}
/** A run that is watched. */
export interface Watch {
  /** What to name when it is to be watched no more. */
  watch: number;
}
