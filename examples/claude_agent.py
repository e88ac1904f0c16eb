"""The servers in the Claude Agent SDK, which takes servers.json as it is.

Needs `pip install claude-agent-sdk`, which brings the program it drives along, and ANTHROPIC_API_KEY.
"""

import asyncio
import os
import sys

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query

from common import CALL_TIMEOUT_S, INSTRUCTIONS, arguments, servers


async def main(given) -> int:
    options = ClaudeAgentOptions(
        model=given.model,
        system_prompt=INSTRUCTIONS,
        mcp_servers=given.servers.absolute(),
        strict_mcp_config=True,  # these servers and no others of the user's
        setting_sources=[],
        tools=[],  # none of the program's own: no shell, no files
        allowed_tools=[f"mcp__{name}" for name in servers(given.servers)],  # not asked about one by one
        max_turns=20,
        # Milliseconds. The program passes its surroundings on to the servers, so they learn the MG_ variables.
        env={"MCP_TOOL_TIMEOUT": str(CALL_TIMEOUT_S * 1000), "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
    )
    result = None
    async for message in query(prompt=given.question, options=options):
        if isinstance(message, ResultMessage):
            result = message
    if result is None or result.is_error:
        print(result and result.result or "the conversation ended without a result", file=sys.stderr)
        return 1
    print(result.result)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments(os.environ.get("ANTHROPIC_MODEL", "claude-sonnet-4-5"), "ANTHROPIC_API_KEY"))))
