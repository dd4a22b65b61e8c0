/** The messages of Anthropic. */

import { isObject } from '../../../base/is-object.ts'
import { type ModelAnswer, type ProviderForm, tokenCount } from './provider.ts'

/** The form `POST …/v1/messages`. */
export const ANTHROPIC: ProviderForm = {
  url: 'https://api.anthropic.com',
  path: '/v1/messages',
  headers: (key) => ({ 'anthropic-version': '2023-06-01', ...(key === null ? {} : { 'x-api-key': key }) }),
  body: (model, { system, messages, mostTokens }) => ({
    model,
    max_tokens: mostTokens,
    system,
    messages: messages.map(({ from, text }) => ({ role: from === 'user' ? 'user' : 'assistant', content: text })),
  }),
  answer,
}

function answer(data: unknown): ModelAnswer | null {
  if (!isObject(data) || !Array.isArray(data.content)) return null
  const text = (data.content as readonly unknown[])
    .flatMap((part) => (isObject(part) && part.type === 'text' && typeof part.text === 'string' ? [part.text] : []))
    .join('')
  const tokens = tokensOf(data.usage)
  if (data.stop_reason === 'refusal') return { text: text === '' ? 'the provider ended the answer' : text, ended: 'refused', tokens }
  if (text === '') return null
  return { text, ended: data.stop_reason === 'max_tokens' ? 'cut' : 'done', tokens }
}

/** What was read from and written to a cache was sent as well. */
function tokensOf(usage: unknown): ModelAnswer['tokens'] {
  if (!isObject(usage)) return null
  const [sent, received] = [tokenCount(usage.input_tokens), tokenCount(usage.output_tokens)]
  const cached = (tokenCount(usage.cache_creation_input_tokens) ?? 0) + (tokenCount(usage.cache_read_input_tokens) ?? 0)
  return sent === null || received === null ? null : { sent: sent + cached, received }
}
