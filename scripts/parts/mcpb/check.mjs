// Checks what the bundle tool does not: what is in the archive, that the server starts from it, and that it understands
// what a client hands over, filled in or not.
//   MCPB=<the tool's package> check.mjs BUNDLE VERSION SYSTEM
import assert from "node:assert/strict";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { start } from "./server.mjs";

const [bundle, version, system] = process.argv.slice(2);
// The client's own code for unpacking and for filling in.
const from = (path) => import(pathToFileURL(join(process.env.MCPB, "dist", path)));
const { unpackExtension } = await from("cli/unpack.js");
const { getMcpConfigForManifest } = await from("shared/config.js");

const top = realpathSync(mkdtempSync(join(tmpdir(), "a bundle ")));
process.on("exit", () => rmSync(top, { recursive: true, force: true }));
const extensionPath = join(top, "Claude Extensions");
assert.ok(await unpackExtension({ mcpbPath: bundle, outputDir: extensionPath, silent: true }), "it can be unpacked");

const manifest = JSON.parse(readFileSync(join(extensionPath, "manifest.json"), "utf8"));
assert.equal(manifest.version, version, "the version is that of Cargo.toml");
assert.equal(manifest.manifest_version, "0.4");
assert.deepEqual(manifest.compatibility.platforms, [system]);
assert.deepEqual(manifest.user_config.allowed_roots.type, "directory");
const files = readdirSync(extensionPath, { recursive: true }).sort();
assert.deepEqual(files, ["icon.png", "manifest.json", "server", "server/codex-bridge-mcp"], "nothing else is in it");
accessSync(join(extensionPath, manifest.server.entry_point), constants.X_OK);
assert.ok(isExecutableInZip(readFileSync(bundle), manifest.server.entry_point), "the archive says that it is a program");
// The names in the manifest that are filled in are names that a client knows.
const names = JSON.stringify(manifest.server.mcp_config).match(/\$\{[^}]+\}/g);
for (const name of names) {
  const key = /^\$\{user_config\.(\w+)\}$/.exec(name)?.[1];
  assert.ok(name === "${__dirname}" || (key && key in manifest.user_config), `${name} is a name that is filled in`);
}

/** Starts the server as a client does that has this in its settings; gives what it allows and what it complained of. */
async function started(userConfig, fill = true) {
  const home = join(top, `home ${Math.random()}`);
  mkdirSync(home);
  const logger = { warn: (text) => assert.fail(text) };
  const options = { manifest, extensionPath, systemDirs: {}, userConfig, pathSeparator: "/", logger };
  const config = fill ? await getMcpConfigForManifest(options) : manifest.server.mcp_config;
  const command = config.command.replace("${__dirname}", extensionPath);
  const server = start(command, config.args, { HOME: home, PATH: "/usr/bin:/bin", ...config.env });
  const greeted = await server.greet();
  assert.deepEqual([greeted.serverInfo.name, greeted.serverInfo.version], ["codex-bridge", version]);
  const { tools } = await server.call("tools/list");
  assert.deepEqual(tools.map((tool) => tool.name), manifest.tools.map((tool) => tool.name), "the tools are those of the manifest");
  const doctor = await server.call("tools/call", { name: "codex_doctor", arguments: {} });
  const complaints = await server.end();
  return { roots: doctor.structuredContent.allowed_roots, complaints };
}

const folders = ["My Code", "other"].map((name) => join(top, name));
for (const folder of folders) mkdirSync(folder);
const check = async (what, userConfig, expected, complaint, fill) => {
  const { roots, complaints } = await started(userConfig, fill);
  assert.deepEqual(roots, expected, what);
  assert.equal(complaints.includes("did not fill in"), complaint, `${what}: ${complaints}`);
};
await check("nothing chosen", {}, [], false);
await check("an empty list", { allowed_roots: [] }, [], false);
await check("two folders, one with a space", { allowed_roots: folders }, folders, false);
await check("one folder as a word", { allowed_roots: folders[0] }, [folders[0]], false);
await check("a client that fills in nothing", undefined, [], true, false);
console.error("the bundle is as it should be");

/** Whether the archive's table of contents gives a file the right to be run. */
function isExecutableInZip(bytes, name) {
  for (let at = bytes.indexOf("PK\x01\x02", 0, "latin1"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 4, "latin1")) {
    const length = bytes.readUInt16LE(at + 28);
    if (bytes.toString("utf8", at + 46, at + 46 + length) !== name) continue;
    const [madeBy, mode] = [bytes[at + 5], bytes.readUInt32LE(at + 38) >>> 16];
    return madeBy === 3 && (mode & 0o111) !== 0;
  }
  return false;
}
