// Talks to the server as a client does.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Starts it; `call` asks and waits for the answer, `end` closes it and gives what it wrote to standard error. */
export function start(command, args, env) {
  const child = spawn(command, args, { env, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (data) => (complaints += data));
  const waiting = new Map();
  const failed = (why) => {
    for (const { fail } of waiting.values()) fail(new Error(`${why}: ${complaints}`));
    waiting.clear();
  };
  child.on("error", (error) => failed(String(error)));
  child.on("exit", (code) => failed(`the server ended with ${code}`));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.done(message);
    waiting.delete(message.id);
  });
  let last = 0;
  const call = (method, params = {}) =>
    new Promise((done, fail) => {
      const id = ++last;
      waiting.set(id, { done, fail });
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    }).then((answer) => {
      if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
      return answer.result;
    });
  const tell = (method) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method })}\n`);
  const greet = async () => {
    const clientInfo = { name: "claude-ai", version: "0.1.0" };
    const greeted = await call("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    tell("notifications/initialized");
    return greeted;
  };
  const end = () =>
    new Promise((done) => {
      child.on("close", () => done(complaints));
      child.stdin.end();
    });
  return { call, greet, end };
}
