import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { imported, importHere } from './imported.ts'

/** The requirements of a document: id, line and text. */
async function requirementsOf(text: string): Promise<readonly string[]> {
  const { draft } = await imported('doc.md', text)
  return Object.entries(draft.design.requirements ?? {}).map(([id, one]) => {
    const { source, text: said, by } = one as { readonly source: string; readonly text: string; readonly by: string }
    assert.equal(by, 'open')
    return `${id} ${source.replace('doc.md:', '')} ${said}`
  })
}

test('sentences with ids, in lists, headings, tables and paragraphs', async () => {
  const text = `# Shop
- **FR-001**: System MUST keep
  the cart of a *guest*.
- FR-002 The **desk** sees all orders.
- [REQ-7] \`Prices\` are never negative.
### NFR-SEC-3 — Passwords are [hashed](https://example.org)
| ID | Priority | What |
| --- | --- | --- |
| BR-1 | high | Nobody pays twice. |
LAW-1: Invoices are kept ten years.
LAW-2: They are numbered.

See FR-001: this refers to it, and UTF-8: this is none.
HTTP-404: not found.
- [ ] T001 Create the project
- FR-001: The first one counts.
\`\`\`text
FR-900: an example is no requirement.
\`\`\`
<!-- FR-901: neither is a comment. -->`
  assert.deepEqual(await requirementsOf(text), [
    'FR-001 2 System MUST keep the cart of a guest.',
    'FR-002 4 The desk sees all orders.',
    'REQ-7 5 Prices are never negative.',
    'NFR-SEC-3 6 Passwords are hashed',
    'BR-1 9 Nobody pays twice.',
    'LAW-1 10 Invoices are kept ten years.',
    'LAW-2 11 They are numbered.',
  ])
})

test('requirements and criteria of Kiro', async () => {
  const text = `# Requirements Document

## Introduction

A clinic has visits.

## Glossary

- **Visit**: A patient meets a doctor.

## Requirements

### Requirement 1: Booking

**User Story:** As a patient, I want to book a visit, so that I need not ring.

#### Acceptance Criteria

1. WHEN a patient books THEN the system SHALL keep the visit
2. IF the doctor is busy
   THEN the system SHALL refuse it

### Requirement 2

**User Story:** As a doctor, I want to see my visits.

#### Acceptance Criteria

1. WHEN a doctor lists visits THEN the system SHALL show only her own`
  assert.deepEqual(await requirementsOf(text), [
    'R1 15 As a patient, I want to book a visit, so that I need not ring.',
    'R1.1 19 WHEN a patient books THEN the system SHALL keep the visit',
    'R1.2 20 IF the doctor is busy THEN the system SHALL refuse it',
    'R2 25 As a doctor, I want to see my visits.',
    'R2.1 29 WHEN a doctor lists visits THEN the system SHALL show only her own',
  ])
})

test('stories and scenarios of Spec Kit', async () => {
  const text = `# Feature Specification: Albums

### User Story 1 - Put photos into albums (Priority: P1)

People want order.

**Acceptance Scenarios**:

1. **Given** an album, **When** a photo is added, **Then** the album shows it

### Edge Cases

- What happens without a photo?

## Requirements *(mandatory)*

### Functional Requirements

- **FR-001**: System MUST keep albums
- **FR-002**: Users MUST sign in [NEEDS CLARIFICATION: by mail or SSO?]

## Success Criteria

- **SC-001**: An album opens within 2 s`
  assert.deepEqual(await requirementsOf(text), [
    'US1 3 Put photos into albums',
    'US1.1 9 Given an album, When a photo is added, Then the album shows it',
    'FR-001 19 System MUST keep albums',
    'FR-002 20 Users MUST sign in [NEEDS CLARIFICATION: by mail or SSO?]',
    'SC-001 24 An album opens within 2 s',
  ])
})

test('sentences of EARS without ids, and the lists of a document that has no other form', async () => {
  assert.deepEqual(
    await requirementsOf('# A\nThe pump shall stop within 1 s.\n\n- When the door opens, the lamp shall light.\n\nIt is red.'),
    ['R1 2 The pump shall stop within 1 s.', 'R2 4 When the door opens, the lamp shall light.'],
  )
  assert.deepEqual(
    await requirementsOf(
      '# People\n\n- A patient registers alone, with name and\n  e-mail address.\n- Short\n1. Doctors get accounts from us.',
    ),
    ['R1 3 A patient registers alone, with name and e-mail address.', 'R2 6 Doctors get accounts from us.'],
  )
})

test('requirements stand beside the entities of a document, in YAML and TypeScript, and plan asks about them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-requirements-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const text = '# Notes\n\n- FR-1: Somebody writes: notes.\n\n```sql\nCREATE TABLE notes (id uuid PRIMARY KEY, title text NOT NULL);\n```\n'
  writeFileSync(join(folder, 'notes.md'), text)
  const outcome = await importHere(folder, 'notes.md')
  assert.match('text' in outcome ? outcome.text : '', /1 requirement/)
  const yaml = readFileSync(join(folder, 'design.yaml'), 'utf8')
  assert.ok(yaml.includes("requirements:\n  FR-1: { text: 'Somebody writes: notes.', source: notes.md:3, by: open }\n"), yaml)
  await importHere(folder, 'notes.md', { format: 'ts', out: 'ts/design.ts' })
  assert.match(
    readFileSync(join(folder, 'ts/design.ts'), 'utf8'),
    /'FR-1': \{\s+text: 'Somebody writes: notes\.',\s+source: 'notes\.md:3',\s+by: 'open',\s+\}/,
  )
  writeFileSync(join(folder, 'only.md'), '- FR-1: Notes are kept.\n- FR-2: They are short.')
  const only = await importHere(folder, 'only.md', { out: 'only.yaml' })
  assert.equal(only.exit, 0)
  assert.match(readFileSync(join(folder, 'only.yaml'), 'utf8'), /entities: \{\}\nrequirements:\n {2}FR-1: /)
})
