// The TypeScript SDK's second line. Arguments: the program, the folder to work in, the prompt, and how to connect
// (`legacy`, `auto` or a protocol version).

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { follow } from "./follow.mjs";

const [program, folder, prompt, how] = process.argv.slice(2);
const mode = how === "legacy" || how === "auto" ? how : { pin: how };
const client = new Client({ name: "typescript-v2", version: "1" }, { versionNegotiation: { mode } });
await client.connect(new StdioClientTransport({ command: program, args: ["serve"], env: process.env }));

await follow(client, folder, prompt, async (uri) => {
  const first = new Promise((told) => {
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => told(params.uri));
  });
  if (how === "legacy") await client.subscribeResource({ uri });
  else await client.listen({ resourceSubscriptions: [uri] });
  return { first };
});
