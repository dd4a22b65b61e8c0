/** A file of settings for each stage, without secrets, and units for systemd. */

import type { DeliveredSetting } from '../documents/setting.ts'
import type { DeliveredFile } from '../files/delivered-file.ts'
import { type Deployed, METRICS_PORT, plinthCommand, STOP_SECONDS } from './deployed.ts'

const STAGES = ['development', 'staging', 'production'] as const

/** The files. */
export function environmentFiles(deployed: Deployed): readonly DeliveredFile[] {
  const { name } = deployed.model
  return [
    ...STAGES.map((stage) => ({ path: `deploy/env/${stage}.env`, content: settingsFile(deployed, stage) })),
    { path: `deploy/systemd/${name}.service`, content: unit(deployed, 'serve', 'WORK=off') },
    { path: `deploy/systemd/${name}-worker.service`, content: unit(deployed, 'work', `METRICS_PORT=${METRICS_PORT + 1}`) },
  ]
}

function settingsFile({ model, settings }: Deployed, stage: (typeof STAGES)[number]): string {
  const values: Readonly<Record<string, string>> =
    stage === 'development'
      ? { LOG_LEVEL: 'warn' }
      : {
          NODE_ENV: 'production',
          PUBLIC_URL: `https://${stage === 'staging' ? 'staging.' : ''}${model.name}.example.com`,
          METRICS_PORT: String(METRICS_PORT),
        }
  const line = ({ name, required, secret }: DeliveredSetting): readonly string[] => {
    const value = values[name]
    if (value !== undefined) return [`${name}=${value}`]
    if (stage === 'development' || !required) return []
    return [`# ${name}=   ${secret ? 'a secret: give it from where secrets are kept, never from this file' : 'required'}`]
  }
  const head = stage === 'development' ? 'nothing must be set' : 'set what is in comments elsewhere'
  return [
    `# The settings of ${model.name} in ${stage}; ${head}. docs/operations.html of the hand-over has all.`,
    ...settings.flatMap(line),
    '',
  ].join('\n')
}

/** A word of a command of systemd, which reads quotes, `\\`, `%` and `$`. */
function systemdWord(word: string): string {
  if (/^[\w./:@,+-]+$/.test(word)) return word
  return `"${word.replaceAll(/["\\]/g, '\\$&').replaceAll(/[%$]/g, '$&$&')}"`
}

/** A unit that may write nowhere. The project is in `/opt`, secrets in a file that only root reads. */
function unit(deployed: Deployed, command: 'serve' | 'work', setting: string): string {
  const { name } = deployed.model
  return `[Unit]
Description=${name}, plinth ${command}
After=network-online.target
Wants=network-online.target

[Service]
WorkingDirectory=/opt/${name}
EnvironmentFile=/opt/${name}/deploy/env/production.env
EnvironmentFile=/etc/${name}/secrets.env
ExecStart=/usr/bin/env ${setting} ${plinthCommand(deployed, command).map(systemdWord).join(' ')}
DynamicUser=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
Restart=on-failure
RestartSec=2
TimeoutStopSec=${STOP_SECONDS}

[Install]
WantedBy=multi-user.target
`
}
