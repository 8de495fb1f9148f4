// Writes the manifest of the bundle. Which tools there are is asked of the server itself.
//   manifest.mjs FOLDER VERSION SYSTEM
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { start } from "./server.mjs";

const [folder, version, system] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), "bundle-"));
const server = start(join(folder, "server/codex-bridge-mcp"), ["serve"], { HOME: home, PATH: "/usr/bin:/bin" });
await server.greet();
const { tools } = await server.call("tools/list");
await server.end();
rmSync(home, { recursive: true });

const first = (text) => text.split(/(?<=\.)\s/)[0].trim();
const repository = /repository = "(.*)"/.exec(readFileSync("Cargo.toml", "utf8"))[1];
const manifest = {
  $schema: "https://raw.githubusercontent.com/anthropics/mcpb/main/schemas/mcpb-manifest-v0.4.schema.json",
  manifest_version: "0.4",
  name: "codex-bridge",
  display_name: "Codex Bridge",
  version,
  description: "Lets Claude delegate work to the OpenAI Codex CLI on this computer: tasks, reviews, second opinions.",
  long_description:
    "Codex Bridge drives the Codex CLI that is installed and logged in on this computer. Codex works only below the folders " +
    "that you allow, in its own sandbox. With the Codex Bridge app, leave the folders empty: the app's own count then.",
  author: { name: "The Codex Bridge authors", url: repository },
  repository: { type: "git", url: `${repository}.git` },
  homepage: repository,
  documentation: `${repository}#readme`,
  support: `${repository}/issues`,
  icon: "icon.png",
  server: {
    type: "binary",
    entry_point: "server/codex-bridge-mcp",
    mcp_config: {
      command: "${__dirname}/server/codex-bridge-mcp",
      // A list of folders becomes one word each; none stay none.
      args: ["serve", "--roots", "${user_config.allowed_roots}"],
      env: {},
    },
  },
  tools: tools.map((tool) => ({ name: tool.name, description: first(tool.description) })),
  prompts_generated: true,
  keywords: ["codex", "delegate", "review", "second opinion"],
  license: "MIT",
  compatibility: { platforms: [system] },
  user_config: {
    allowed_roots: {
      type: "directory",
      title: "Allowed folders",
      description:
        "Codex may work in these folders and below them, and nowhere else. Leave it empty if you have the Codex Bridge app: " +
        "the folders that you allowed there count then.",
      multiple: true,
      required: false,
      default: [],
    },
  },
};
writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
