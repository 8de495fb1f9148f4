// The TypeScript SDK's first line. Arguments: the program, the folder to work in, the prompt.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";

import { follow } from "./follow.mjs";

const [program, folder, prompt] = process.argv.slice(2);
const client = new Client({ name: "typescript-v1", version: "1" });
await client.connect(new StdioClientTransport({ command: program, args: ["serve"], env: process.env }));

await follow(client, folder, prompt, async (uri) => {
  const first = new Promise((told) => {
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => told(params.uri));
  });
  await client.subscribeResource({ uri });
  return { first };
});
