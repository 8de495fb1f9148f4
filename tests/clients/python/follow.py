"""Delegates a task through the sidecar with the Python SDK, follows it, and prints what it saw as one JSON object.

Arguments: the program, the folder to work in, the prompt, and how to connect (`legacy`, `auto` or a protocol version).
"""

import asyncio
import json
import os
import sys

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters


def content(result):
    """The object of a tool's result, which has to be in both of its forms."""
    structured = result.structured_content
    assert json.loads(result.content[0].text) == structured, result
    assert not result.is_error, structured
    return structured


async def main(program, folder, prompt, mode):
    server = StdioServerParameters(command=program, args=["serve"], env=dict(os.environ))
    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        resources = (await client.list_resources()).resources
        started = await client.call_tool("codex_run_task", {"prompt": prompt, "working_dir": folder})
        run = content(started)["run_id"]
        cursor, events, final = 0, 0, False
        while not final:
            asked = {"run_id": run, "cursor": cursor, "wait_s": 20}
            page = content(await client.call_tool("codex_get_run_updates", asked))
            cursor, events = page["next_cursor"], events + len(page["events"])
            final = page["is_final"] and not page["more"]
        read = content(await client.call_tool("codex_get_run", {"run_id": run}))
        message = await client.read_resource(f"codex://runs/{run}/message")
        refused = await client.call_tool("codex_get_run", {"run_id": "nonsense"})
        print(json.dumps({
            "tools": sorted(tool.name for tool in tools),
            "resources": sorted(str(resource.uri) for resource in resources),
            "events": events,
            "run_id": run,
            "state": read["state"],
            "message": read["message"],
            "resource": message.contents[0].text,
            "refused": refused.is_error,
        }))


asyncio.run(main(*sys.argv[1:]))
