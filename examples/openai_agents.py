"""The servers in an agent of the OpenAI Agents SDK. Needs `pip install openai-agents` and OPENAI_API_KEY.

OPENAI_BASE_URL points it at another provider; --chat speaks Chat Completions, as vLLM, Ollama and others do.
"""

import asyncio
import sys

from agents import Agent, Runner, set_default_openai_api, set_tracing_disabled
from agents.mcp import MCPServerManager, MCPServerStdio

from common import CALL_TIMEOUT_S, INSTRUCTIONS, arguments, servers


def launched(name: str, entry: dict) -> MCPServerStdio:
    return MCPServerStdio(
        name=name,
        params=entry,
        cache_tools_list=True,  # tools do not change while a server runs
        client_session_timeout_seconds=CALL_TIMEOUT_S,  # 5 s by default
        # Refusals reach the model anyhow. This shows it what the protocol itself refuses too, instead of "an error occurred".
        failure_error_function=lambda _context, error: str(error),
    )


async def main(given) -> None:
    known = [launched(name, entry) for name, entry in servers(given.servers).items()]
    async with MCPServerManager(known, connect_in_parallel=True) as manager:
        for server, why in manager.errors.items():  # the others go on without it
            print(f"{server.name}: {why}", file=sys.stderr)
        agent = Agent(
            name="mg-platform", instructions=INSTRUCTIONS, model=given.model, mcp_servers=manager.active_servers
        )
        print((await Runner.run(agent, given.question)).final_output)


if __name__ == "__main__":
    set_tracing_disabled(True)  # else the questions and answers are sent to the provider's dashboard
    if "--chat" in sys.argv:
        sys.argv.remove("--chat")
        set_default_openai_api("chat_completions")
    asyncio.run(main(arguments("gpt-5-mini", "OPENAI_API_KEY")))
