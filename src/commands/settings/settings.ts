/** `plinth settings`: shows all settings, and checks those of an environment as a start would. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { prepareStart } from '../serving/prepare-start.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { loadDesign } from '../setup/load-design.ts'
import { ignoredEnvFile, withEnvFile } from '../setup/settings/env-file.ts'
import { misspeltSettings } from '../setup/settings/misspelt-settings.ts'
import type { Mode } from '../setup/settings/setting-facts.ts'
import { settingLines } from '../setup/settings/setting-lines.ts'
import { SETTINGS, type SettingName } from '../setup/settings/setting-table.ts'
import { type CheckedSettings, checkSettings } from '../setup/settings/settings.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** The arguments and options of the command. */
export interface SettingsInput {
  readonly doing: string | undefined
  readonly design: string | undefined
  readonly mode: Mode
}

/**
 * Lists the settings, or checks them (`check`). Exit code 1 if a start would be refused, with all reasons.
 *
 * @throws UsageError for an unknown word, and without a design to check.
 */
export async function settings(input: SettingsInput, io: Io): Promise<Outcome> {
  if (input.doing === undefined || input.doing === 'list') return list(input.mode)
  if (input.doing === 'check') return check(input, io)
  throw new UsageError(`plinth settings does not know ${input.doing}`, 'type list or check')
}

function list(mode: Mode): Outcome {
  const rows = Object.entries(SETTINGS).map(([name, { meaning, type, secret, required, default: usual }]) => ({
    ...{ name, type: type.name, secret, required: required && mode === 'production', default: usual[mode], meaning },
  }))
  return { exit: 0, data: { mode, settings: rows }, text: settingLines(mode).join('\n') }
}

async function check({ design: path, mode }: SettingsInput, io: Io): Promise<Outcome> {
  const env = mode === 'development' ? withEnvFile(io.env, io.cwd) : io.env
  const checked = checkSettings(env, mode)
  const design = await loadDesign(path, io.cwd)
  if (design.model === null) return unusableDesign(design, io.style)
  const ignored = mode === 'production' ? ignoredEnvFile(io.cwd) : null
  const warnings = [...misspeltSettings(env), ...(ignored === null ? [] : [ignored])]
  const { problems, hint } = await problemsOf(checked, () =>
    prepareStart(checked, { path: design.path, model: design.model as NonNullable<typeof design.model> }, { env, cwd: io.cwd, mode }),
  )
  const data = { ok: problems.length === 0, mode, problems, warnings, settings: shownSettings(checked, env) }
  const lines = [...problems.map((one) => io.style.red(one)), ...warnings.map((one) => io.style.yellow(one))]
  if (problems.length === 0)
    return { exit: 0, data, text: [...lines, `plinth ${COMMANDS[mode]} would start with these settings`].join('\n') }
  const message = `plinth ${COMMANDS[mode]} would not start: ${count(problems.length, 'setting')} missing or wrong`
  return { exit: 1, data, reason: { message, hint }, text: [...lines, message, hint].join('\n') }
}

const COMMANDS: Readonly<Record<Mode, string>> = { development: 'up', production: 'serve' }

/** What a start would be refused for. */
async function problemsOf(
  { hint }: CheckedSettings,
  start: () => ReturnType<typeof prepareStart>,
): Promise<{ readonly problems: readonly string[]; readonly hint: string }> {
  try {
    const { files } = await start()
    files?.close()
    return { problems: [], hint }
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return { problems: error.message.split('\n'), hint: error.hint }
  }
}

/** Where each setting is from, with the values that are no secret. */
function shownSettings({ sources }: CheckedSettings, env: Io['env']): readonly object[] {
  return Object.entries(SETTINGS).map(([name, { secret }]) => {
    const from = sources.get(name as SettingName) ?? 'unset'
    return { name, from, ...(secret || from !== 'environment' ? {} : { value: env[name] }) }
  })
}
