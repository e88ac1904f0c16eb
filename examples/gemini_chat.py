"""The servers' tools in a chat with Gemini. Needs `pip install google-genai mcp` and GEMINI_API_KEY.

The SDK can take MCP sessions as tools itself, but then rewrites their input schemas and loses parts of them. Declaring
the tools with the schemas as they are, and calling them in a loop of our own, takes no more lines.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from google import genai
from google.genai.types import FunctionDeclaration, GenerateContentConfig, Part, Tool
from mcp import ClientSession, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from common import CALL_TIMEOUT_S, INSTRUCTIONS, arguments, servers

MOST_TURNS = 20


async def launched(entry: dict, stack: AsyncExitStack) -> ClientSession:
    pipes = await stack.enter_async_context(stdio_client(StdioServerParameters(**entry)))
    session = await stack.enter_async_context(ClientSession(*pipes, read_timeout_seconds=CALL_TIMEOUT_S))
    await session.initialize()
    return session


async def answered(call, sessions: dict[str, ClientSession]) -> Part:
    """What a tool answered, or why it refused: the model reads both."""
    try:
        result = await sessions[call.name].call_tool(call.name, call.args or {})
        text = "\n".join(block.text for block in result.content if block.type == "text")
        answer = {"error" if result.is_error else "output": text}
    except KeyError:
        answer = {"error": f"there is no tool `{call.name}`; there are {', '.join(sessions)}"}
    except MCPError as error:
        answer = {"error": str(error)}
    return Part.from_function_response(name=call.name, response=answer)


async def main(given) -> int:
    async with AsyncExitStack() as stack:
        sessions, declarations = {}, []
        for entry in servers(given.servers).values():
            session = await launched(entry, stack)
            for tool in (await session.list_tools()).tools:
                sessions[tool.name] = session
                declarations.append(FunctionDeclaration(
                    name=tool.name, description=tool.description, parameters_json_schema=tool.input_schema
                ))
        config = GenerateContentConfig(
            system_instruction=INSTRUCTIONS, tools=[Tool(function_declarations=declarations)]
        )
        chat = genai.Client().aio.chats.create(model=given.model, config=config)
        message = given.question
        for _turn in range(MOST_TURNS):
            response = await chat.send_message(message)
            if not response.function_calls:
                print(response.text)
                return 0
            message = [await answered(call, sessions) for call in response.function_calls]
    print(f"no answer after {MOST_TURNS} turns", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments("gemini-2.5-flash", "GEMINI_API_KEY"))))
