"""The Python SDK as a client of one server: lists, calls and is refused; prints the version and the tools.

usage: client.py JSON, an object with command, data_dir, tool, arguments, shows, wrong, refusal
"""

import asyncio
import json
import sys

from mcp import ClientSession, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client


def text_of(result):
    return "\n".join(block.text for block in result.content if block.type == "text")


async def main(test):
    server = StdioServerParameters(command=test["command"], env={"MG_DATA_DIR": test["data_dir"]})
    async with stdio_client(server) as pipes, ClientSession(*pipes) as session:
        version = (await session.initialize()).protocol_version
        tools = [tool.name for tool in (await session.list_tools()).tools]
        print(version, *tools)
        assert test["tool"] in tools, tools

        answer = await session.call_tool(test["tool"], test["arguments"])
        assert not answer.is_error, text_of(answer)
        assert test["shows"] in json.dumps(answer.structured_content), answer.structured_content
        assert text_of(answer).strip(), "an answer has a text to read"

        refused = await session.call_tool(test["tool"], test["wrong"])
        assert refused.is_error, "a wrong call is marked as an error"
        assert test["refusal"] in text_of(refused), text_of(refused)

        try:
            await session.call_tool("no_such_tool", {})
            raise AssertionError("an unknown tool was called")
        except MCPError as error:
            assert test["tool"] in str(error), error


asyncio.run(main(json.loads(sys.argv[1])))
