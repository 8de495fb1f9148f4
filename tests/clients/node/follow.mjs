// Delegates a task through a connected client, follows it, and prints what it saw as one JSON object.

import assert from "node:assert/strict";

/** The object of a tool's result, which has to be in both of its forms. */
function content(result) {
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  assert.ok(!result.isError, result.content[0].text);
  return result.structuredContent;
}

export async function follow(client, folder, prompt, watch) {
  const call = (name, args) => client.callTool({ name, arguments: args });
  // Both SDKs check what a tool answers against the schemas of this list.
  const { tools } = await client.listTools();
  const { resources } = await client.listResources();
  const run = content(await call("codex_run_task", { prompt, working_dir: folder })).run_id;
  // Resolves with the first address that is told.
  const updated = await watch(`codex://runs/${run}/events`);
  let cursor = 0;
  let events = 0;
  for (let final = false; !final; ) {
    const page = content(await call("codex_get_run_updates", { run_id: run, cursor, wait_s: 20 }));
    cursor = page.next_cursor;
    events += page.events.length;
    final = page.is_final && !page.more;
  }
  const read = content(await call("codex_get_run", { run_id: run }));
  const message = await client.readResource({ uri: `codex://runs/${run}/message` });
  const refused = await call("codex_get_run", { run_id: "nonsense" });
  const { prompts } = await client.listPrompts();
  const picked = await client.getPrompt({ name: "delegate", arguments: { task: "tidy up", working_dir: folder } });
  const { completion } = await client.complete({
    ref: { type: "ref/resource", uri: "codex://runs/{id}" },
    argument: { name: "id", value: run.slice(-6) },
  });
  console.log(JSON.stringify({
    tools: tools.map((tool) => tool.name).sort(),
    resources: resources.map((resource) => resource.uri).sort(),
    events,
    run_id: run,
    state: read.state,
    message: read.message,
    resource: message.contents[0].text,
    refused: refused.isError,
    updated: await updated.first,
    prompts: prompts.map((prompt) => prompt.name).sort(),
    picked: picked.messages[0].content.text.includes(folder),
    completed: completion.values,
  }));
  await client.close();
}
