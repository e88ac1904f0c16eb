"""The wire formats of model providers, each reduced to what a script needs.

A dialect reads a request (names of the tools on offer, texts of the results so far) and writes an answer: calls, or
words. `path` is how its endpoint ends.
"""

import itertools
import json

_number = itertools.count(1)


def new_id(prefix):
    return f"{prefix}_{next(_number)}"


def plain(content):
    """The text of a result: a string, blocks of text, or a JSON text of such blocks, as some SDKs send it."""
    if isinstance(content, str):
        try:
            blocks = json.loads(content)
        except ValueError:
            return content
        return plain(blocks) if isinstance(blocks, (list, dict)) else content
    if isinstance(content, dict):
        return content["text"] if isinstance(content.get("text"), str) else json.dumps(content, ensure_ascii=False)
    return "\n".join(plain(block) for block in content or [])


class ChatCompletions:
    """OpenAI Chat Completions, and the many servers that speak it."""

    path = "/chat/completions"

    def tools(self, body):
        return [tool["function"]["name"] for tool in body.get("tools", [])]

    def results(self, body):
        return [plain(message["content"]) for message in body["messages"] if message["role"] == "tool"]

    def answer(self, body, calls, words):
        called = [
            {"id": new_id("call"), "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for name, arguments in calls
        ]
        message = {"role": "assistant", "content": words} | ({"tool_calls": called} if called else {})
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if called else "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return {"id": new_id("chatcmpl"), "object": "chat.completion", "created": 0, "model": body["model"],
                "choices": [choice], "usage": usage}


class Responses:
    """OpenAI Responses."""

    path = "/responses"

    def tools(self, body):
        return [tool["name"] for tool in body.get("tools", [])]

    def results(self, body):
        items = body["input"] if isinstance(body["input"], list) else []
        return [plain(item["output"]) for item in items if item.get("type") == "function_call_output"]

    def answer(self, body, calls, words):
        output = [
            {"type": "function_call", "id": new_id("fc"), "call_id": new_id("call"), "name": name,
             "arguments": json.dumps(arguments), "status": "completed"}
            for name, arguments in calls
        ]
        if words is not None:
            text = {"type": "output_text", "text": words, "annotations": []}
            output.append({"type": "message", "id": new_id("msg"), "role": "assistant", "status": "completed",
                           "content": [text]})
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
                 "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        return {"id": new_id("resp"), "object": "response", "created_at": 0, "status": "completed",
                "model": body["model"], "output": output, "parallel_tool_calls": True, "tool_choice": "auto",
                "tools": [], "usage": usage}


class Messages:
    """Anthropic Messages, whole or as a stream of events."""

    path = "/messages"

    def tools(self, body):
        return [tool["name"] for tool in body.get("tools", [])]

    def results(self, body):
        blocks = [block for message in body["messages"] if isinstance(message["content"], list)
                  for block in message["content"]]
        return [plain(block.get("content")) for block in blocks if block["type"] == "tool_result"]

    def answer(self, body, calls, words):
        content = [{"type": "tool_use", "id": new_id("toolu"), "name": name, "input": arguments}
                   for name, arguments in calls]
        if words is not None:
            content.append({"type": "text", "text": words})
        message = {"id": new_id("msg"), "type": "message", "role": "assistant", "model": body["model"],
                   "content": content, "stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None,
                   "usage": {"input_tokens": 1, "output_tokens": 1}}
        return self.events(message) if body.get("stream") else message

    def events(self, message):
        """The same message as server-sent events."""
        yield {"type": "message_start", "message": message | {"content": [], "stop_reason": None}}
        for index, block in enumerate(message["content"]):
            if block["type"] == "text":
                start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
            else:
                start = block | {"input": {}}
                delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield {"type": "content_block_start", "index": index, "content_block": start}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
        yield {"type": "message_delta", "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
               "usage": {"output_tokens": 1}}
        yield {"type": "message_stop"}


class GenerateContent:
    """Gemini generateContent."""

    path = ":generateContent"

    def tools(self, body):
        return [function["name"] for tool in body.get("tools", []) for function in tool["functionDeclarations"]]

    def results(self, body):
        parts = [part for content in body["contents"] for part in content["parts"]]
        return [plain(next(iter(part["functionResponse"]["response"].values())))
                for part in parts if "functionResponse" in part]

    def answer(self, body, calls, words):
        parts = [{"functionCall": {"name": name, "args": arguments}} for name, arguments in calls]
        if words is not None:
            parts.append({"text": words})
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted"}


ALL = [ChatCompletions(), Responses(), Messages(), GenerateContent()]
