"""The servers' tools in a ReAct agent of LangGraph.

Needs `pip install langchain langchain-openai langchain-mcp-adapters` and OPENAI_API_KEY; with another provider's
package, `--model anthropic:claude-sonnet-4-5` and the like.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp import McpError
from mcp.types import CallToolResult, TextContent

from common import CALL_TIMEOUT_S, INSTRUCTIONS, arguments, servers


async def told_to_the_model(request, handler):
    """Makes an error of the protocol or a time-out a result: otherwise it ends the whole run of the agent."""
    try:
        return await handler(request)
    except McpError as error:
        return CallToolResult(content=[TextContent(type="text", text=str(error))], isError=True)


async def main(given) -> None:
    waiting = {"read_timeout_seconds": timedelta(seconds=CALL_TIMEOUT_S)}
    client = MultiServerMCPClient({
        name: {"transport": "stdio", "session_kwargs": waiting, **entry}
        for name, entry in servers(given.servers).items()
    })
    async with AsyncExitStack() as stack:
        tools = []
        for name in client.connections:
            # One session a server for the whole conversation; `client.get_tools()` would start a process a call.
            session = await stack.enter_async_context(client.session(name))
            tools += await load_mcp_tools(session, tool_interceptors=[told_to_the_model], server_name=name)
        agent = create_agent(given.model, tools, system_prompt=INSTRUCTIONS)
        state = await agent.ainvoke({"messages": [("user", given.question)]})
        print(state["messages"][-1].text)


if __name__ == "__main__":
    asyncio.run(main(arguments("openai:gpt-5-mini", "OPENAI_API_KEY")))
