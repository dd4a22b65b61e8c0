/** Reads the images and attached files of the mails of a model. */

import type { Mail, MailAttachment, MailBlock, MailFile } from '../../model/mail.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { loadBytes } from '../read/load-beside.ts'

interface Binding {
  readonly folder: string
  readonly report: Report
  /** Gets the absolute paths of the files that were read. */
  readonly files: Set<string>
  /** Each file is read, and reported, once. */
  readonly known: Map<string, MailFile>
  /** The templates that are reported as too large. */
  readonly tooLarge: Set<string>
}

/** Bytes of all files of a mail: many servers take no mail of more than 10 MiB, and files grow by a third in a mail. */
const MAX_MAIL_BYTES = 7 * 1_048_576

/** Gives a mail its files. */
export type BindMailFiles = (mail: Mail) => Mail

/** Reads the files of mails. A file that cannot be read is a finding in `report`. */
export function openMailFiles(reading: Pick<Binding, 'folder' | 'report' | 'files'>): BindMailFiles {
  const binding: Binding = { ...reading, known: new Map(), tooLarge: new Set() }
  const { report } = binding
  return (mail) => {
    const at = ['integrations', 'email', 'templates', mail.template]
    const blocks = mail.blocks.map((block) => boundBlock(block, at, binding))
    const attachments = mail.attachments.map((attachment) => boundAttachment(attachment, at, binding))
    const bytes = [...blocks.map(bytesOfBlock), ...attachments.map(bytesOfAttachment)].reduce((sum, each) => sum + each, 0)
    if (bytes > MAX_MAIL_BYTES && !binding.tooLarge.has(mail.template)) {
      binding.tooLarge.add(mail.template)
      report.add(
        'PLN-D644',
        at,
        `the files of this mail have ${bytes} bytes; at most ${MAX_MAIL_BYTES} are sent`,
        'send links in place of large files',
      )
    }
    return { ...mail, blocks, attachments }
  }
}

function bytesOfBlock(block: MailBlock): number {
  return block.kind === 'image' && block.source.kind === 'file' ? (block.source.file.bytes?.length ?? 0) : 0
}

function bytesOfAttachment(attachment: MailAttachment): number {
  return attachment.kind === 'file' ? (attachment.file.bytes?.length ?? 0) : 0
}

function boundBlock(block: MailBlock, at: Path, binding: Binding): MailBlock {
  if (block.kind !== 'image' || block.source.kind !== 'file') return block
  return { ...block, source: { kind: 'file', file: bound(block.source.file, { at, use: 'image' }, binding) } }
}

function boundAttachment(attachment: MailAttachment, at: Path, binding: Binding): MailAttachment {
  return attachment.kind === 'file' ? { ...attachment, file: bound(attachment.file, { at, use: 'attachment' }, binding) } : attachment
}

function bound(
  file: MailFile,
  { at, use }: { readonly at: Path; readonly use: 'image' | 'attachment' },
  { folder, report, files, known }: Binding,
): MailFile {
  const key = `${use} ${file.path}`
  const earlier = known.get(key)
  if (earlier !== undefined) return earlier
  const loaded = loadBytes(folder, file.path)
  if (loaded.path !== null) files.add(loaded.path)
  if (loaded.kind === 'unusable') report.add('PLN-D644', at, loaded.why, loaded.hint)
  else if (use === 'image' && !isImage(loaded.bytes))
    report.add('PLN-D644', at, `${file.path} is no PNG, JPEG or GIF image`, 'convert it; mail programs show no other images')
  const read = { ...file, bytes: loaded.kind === 'loaded' ? loaded.bytes : null }
  known.set(key, read)
  return read
}

/** The first bytes of PNG, JPEG and GIF files. */
const BEGINNINGS: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x47, 0x49, 0x46, 0x38],
]

function isImage(bytes: Uint8Array): boolean {
  return BEGINNINGS.some((beginning) => beginning.every((byte, i) => bytes[i] === byte))
}
