"""Delegates a task through the sidecar with the Python SDK, follows it, and prints what it saw as one JSON object.

Arguments: the program, the folder to work in, the prompt, and how to connect (`legacy`, `auto` or a protocol version).
"""

import asyncio
import json
import os
import sys
import warnings
from contextlib import AsyncExitStack

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import ResourceTemplateReference

# The one way to subscribe in the 2025 protocols is deprecated in those of 2026.
warnings.simplefilter("ignore")


def content(result):
    """The object of a tool's result, which has to be in both of its forms."""
    structured = result.structured_content
    assert json.loads(result.content[0].text) == structured, result
    assert not result.is_error, structured
    return structured


async def main(program, folder, prompt, mode):
    server = StdioServerParameters(command=program, args=["serve"], env=dict(os.environ))
    updated = asyncio.get_running_loop().create_future()

    async def hear(message):
        """Keeps the first address that is told to a client of the 2025 protocols."""
        if getattr(message, "method", None) == "notifications/resources/updated" and not updated.done():
            updated.set_result(str(message.params.uri))

    async with Client(server, mode=mode, message_handler=hear) as client, AsyncExitStack() as open_streams:
        tools = (await client.list_tools()).tools
        resources = (await client.list_resources()).resources
        started = await client.call_tool("codex_run_task", {"prompt": prompt, "working_dir": folder})
        run = content(started)["run_id"]
        watched = f"codex://runs/{run}/events"
        if mode == "legacy":
            await client.subscribe_resource(watched)
        else:
            listening = client.listen(resource_subscriptions=[watched])
            stream = await open_streams.enter_async_context(listening)
        cursor, events, final = 0, 0, False
        while not final:
            asked = {"run_id": run, "cursor": cursor, "wait_s": 20}
            page = content(await client.call_tool("codex_get_run_updates", asked))
            cursor, events = page["next_cursor"], events + len(page["events"])
            final = page["is_final"] and not page["more"]
        read = content(await client.call_tool("codex_get_run", {"run_id": run}))
        message = await client.read_resource(f"codex://runs/{run}/message")
        refused = await client.call_tool("codex_get_run", {"run_id": "nonsense"})
        told = await updated if mode == "legacy" else str((await anext(aiter(stream))).uri)
        prompts = (await client.list_prompts()).prompts
        picked = await client.get_prompt("delegate", {"task": "tidy up", "working_dir": folder})
        template = ResourceTemplateReference(type="ref/resource", uri="codex://runs/{id}")
        completed = await client.complete(template, {"name": "id", "value": run[-6:]})
        print(json.dumps({
            "tools": sorted(tool.name for tool in tools),
            "resources": sorted(str(resource.uri) for resource in resources),
            "events": events,
            "run_id": run,
            "state": read["state"],
            "message": read["message"],
            "resource": message.contents[0].text,
            "refused": refused.is_error,
            "updated": told,
            "prompts": sorted(prompt.name for prompt in prompts),
            "picked": folder in picked.messages[0].content.text,
            "completed": completed.completion.values,
        }))


asyncio.run(main(*sys.argv[1:]))
