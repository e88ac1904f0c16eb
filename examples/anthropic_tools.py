"""The servers' tools in the tool runner of the Anthropic SDK. Needs `pip install 'anthropic[mcp]'` and ANTHROPIC_API_KEY."""

import asyncio
from contextlib import AsyncExitStack

from anthropic import AsyncAnthropic
from anthropic.lib.tools.mcp import async_mcp_tool
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from common import CALL_TIMEOUT_S, INSTRUCTIONS, arguments, servers


async def tools_of(entry: dict, stack: AsyncExitStack) -> list:
    """Launches one server and gives its tools; a refusal becomes the tool's result, marked as an error."""
    pipes = await stack.enter_async_context(stdio_client(StdioServerParameters(**entry)))
    session = await stack.enter_async_context(ClientSession(*pipes, read_timeout_seconds=CALL_TIMEOUT_S))
    await session.initialize()
    return [async_mcp_tool(tool, session) for tool in (await session.list_tools()).tools]


async def main(given) -> None:
    async with AsyncExitStack() as stack:
        tools = [tool for entry in servers(given.servers).values() for tool in await tools_of(entry, stack)]
        runner = AsyncAnthropic().beta.messages.tool_runner(
            model=given.model,
            max_tokens=4096,
            system=INSTRUCTIONS,
            tools=tools,
            messages=[{"role": "user", "content": given.question}],
            thread=False,  # the whole conversation goes with each request, instead of one that the provider keeps
        )
        last = await runner.until_done()
        print("".join(block.text for block in last.content if block.type == "text"))


if __name__ == "__main__":
    asyncio.run(main(arguments("claude-sonnet-4-5", "ANTHROPIC_API_KEY")))
