/** Answers of language models, in the forms of their providers. */

import type { Reply } from './model-server.ts'

/** A chat completion. */
export function openai(text: string, { finish = 'stop', refusal = null as string | null } = {}): Reply {
  const message = { role: 'assistant', content: refusal === null ? text : null, refusal }
  return {
    status: 200,
    body: {
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: finish }],
      usage: { prompt_tokens: 1_000, completion_tokens: 200 },
    },
  }
}

/** A message of Anthropic. */
export function anthropic(text: string, stop = 'end_turn'): Reply {
  const usage = { input_tokens: 800, cache_creation_input_tokens: 0, cache_read_input_tokens: 200, output_tokens: 200 }
  return { status: 200, body: { type: 'message', role: 'assistant', content: [{ type: 'text', text }], stop_reason: stop, usage } }
}

/** Files as a model sends them. */
export function files(given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .map(([path, text]) => `\`\`\`ts ${path}\n${text.trimEnd()}\n\`\`\``)
    .join('\n\n')
}
