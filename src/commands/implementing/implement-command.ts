/** The part of the table of commands about code that a language model writes. */

import { type CommandFacts, DESIGN_ARGUMENT } from '../terminal/command.ts'

/** `plinth implement`. */
export const IMPLEMENT_COMMAND: CommandFacts = {
  name: 'implement',
  summary: 'let a language model write the code that the design names and nobody has written',
  arguments: [DESIGN_ARGUMENT],
  options: [
    {
      name: 'model',
      takes: 'value',
      value: 'name',
      meaning: 'the model, as its provider calls it; MODEL_API, MODEL_URL and MODEL_KEY say where it is',
    },
    { name: 'yes', takes: 'flag', meaning: 'agree to what the model writes without a question: it is run, and written if it passes' },
    { name: 'turns', takes: 'value', value: 'number', meaning: 'the most answers of the model; 6 unless given' },
    { name: 'tokens', takes: 'value', value: 'number', meaning: 'the most tokens, sent and received; 200000 unless given' },
    { name: 'cost', takes: 'value', value: 'amount', meaning: 'the most that may be spent, in the currency of MODEL_PRICES' },
  ],
  examples: [
    { line: 'plinth implement', does: 'lists the code that is missing, with its types, and how to go on' },
    { line: 'MODEL_API=anthropic plinth implement --model claude-sonnet-5', does: 'lets a model write it, shows the difference and asks' },
    { line: 'MODEL_URL=http://127.0.0.1:11434/v1 plinth implement --model qwen3-coder', does: 'the same with a model on this machine' },
    { line: 'MODEL_PRICES=3/15 plinth implement --model claude-sonnet-5 --cost 0.50 --yes', does: 'without questions, for at most 0.50' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { implement } = await import('./implement.ts')
    return (call, io) =>
      implement(
        {
          design: call.argument('design'),
          model: call.option('model'),
          questions: call.flag('yes') ? 'agreed' : 'ask',
          turns: call.option('turns'),
          tokens: call.option('tokens'),
          cost: call.option('cost'),
        },
        io,
      )
  },
}
