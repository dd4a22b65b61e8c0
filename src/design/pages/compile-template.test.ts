import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerForm } from '../../model/answer-form.ts'
import { compileTemplate } from './compile-template.ts'

const text: AnswerForm = { kind: 'scalar', scalar: 'text' }
const line: AnswerForm = {
  kind: 'object',
  isRow: false,
  members: new Map<string, AnswerForm>([
    ['name', text],
    ['price', { kind: 'scalar', scalar: 'decimal' }],
  ]),
}
const form: AnswerForm = {
  kind: 'object',
  isRow: false,
  members: new Map<string, AnswerForm>([
    ['title', text],
    ['url', text],
    ['lines', { kind: 'list', of: line, isValue: false }],
    ['tags', { kind: 'list', of: text, isValue: true }],
    ['author', { kind: 'object', members: new Map([['name', text]]), isRow: false }],
    ['totals', { kind: 'keyed', of: { kind: 'scalar', scalar: 'integer' } }],
  ]),
}

/** The findings of a template, one a line. */
function findings(source: string): readonly string[] {
  const all: string[] = []
  compileTemplate(source, form, (code, { line, column }, { message }) => all.push(`${line}:${column} ${code} ${message}`))
  return all
}

test('values may stand in text, in quoted attributes, and in title and textarea', () => {
  const good = [
    '<p>{{title}}</p>',
    '<p class="a {{title}}" data-x=\'{{title}}\'>{{author.name}}</p>',
    '<title>{{title}}</title><textarea name="x">{{title}}</textarea>',
    '<ul>{{#each lines}}<li>{{@index}} {{name}} {{../title}} {{@root.title}}</li>{{else}}<li>none</li>{{/each}}</ul>',
    '{{#each tags}}{{this}}{{#unless @last}}, {{/unless}}{{/each}} {{lines.length}}',
    '{{#each totals}}{{@key}}: {{this}}{{/each}}',
    '{{#with author}}{{name}}{{../title}}{{/with}}',
    '<p class="{{#if title}}yes{{else if url}}maybe{{else}}no{{/if}}">x</p>',
    '<a href="{{url}}">x</a><a href="/a/{{title}}?q={{title}}#{{title}}">x</a><a href="https://example.com/{{title}}">x</a>',
    '<a href="{{url}}?from={{title}}">x</a><a href="mailto:{{title}}">x</a>',
    '<table><tr>{{#each lines}}<td>{{price}}</td>{{/each}}</tr></table>',
    '<style>p { color: red }</style><svg viewBox="0 0 1 1"><title>{{title}}</title><path d="M0 0"/></svg>',
    '<!-- a comment --> {{! another }} {{!-- {{third}} --}}',
    '<!doctype html><html lang="{{title}}"><head><meta charset="utf-8"></head><body>&amp; &lt;{{title}}</body></html>',
  ]
  for (const source of good) assert.deepEqual(findings(source), [], source)
})

test('a name that the answer has not is a finding with line and column', () => {
  const all = findings(
    '<p>\n  {{titel}}\n  {{author.nmae}} {{../title}} {{lines}} {{author}} {{@index}} {{@foo}}\n{{#each title}}{{/each}}{{#with lines}}{{/with}}</p>',
  )
  assert.deepEqual(all, [
    '2:3 PLN-D592 titel: the answer has no "titel" here, did you mean "title"?',
    '3:3 PLN-D592 author.nmae: the answer has no "nmae" here, did you mean "name"?',
    '3:19 PLN-D592 "../title" leads out of the answer',
    '3:32 PLN-D592 lines: this is a list',
    '3:42 PLN-D592 author: this is an object',
    '3:53 PLN-D592 "@index" is not inside an each',
    '3:64 PLN-D592 "@foo" is unknown',
    '4:1 PLN-D592 title: each takes a list',
    '4:25 PLN-D592 lines: with takes an object',
  ])
})

test('names of a prototype are no names of the answer', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'author.constructor', 'tags.constructor'])
    assert.equal(findings(`{{${name}}}`).length, 1, name)
})

test('syntax that the templates do not have is a finding', () => {
  const cases: Readonly<Record<string, string>> = {
    '{{{title}}}': '1:1 PLN-D591 a value without escaping would be markup',
    '{{&title}}': '1:1 PLN-D591 a value without escaping would be markup',
    '{{> header}}': '1:1 PLN-D591 templates have no partials, decorators and raw blocks',
    '{{#> header}}{{/header}}': '1:1 PLN-D591 templates have no partials, decorators and raw blocks',
    '{{upper title}}': '1:1 PLN-D591 a value is the name of a part of the answer; templates have no helpers',
    '{{title size=3}}': '1:1 PLN-D591 a value is the name of a part of the answer; templates have no helpers',
    '{{"text"}}': '1:1 PLN-D591 a value is the name of a part of the answer; templates have no helpers',
    '{{(lookup this title)}}': '1:1 PLN-D591 a value is the name of a part of the answer; templates have no helpers',
    '{{#lookup title}}{{/lookup}}': '1:1 PLN-D591 the blocks of a template are if, unless, each, with',
    '{{#title}}{{/title}}': '1:1 PLN-D591 the blocks of a template are if, unless, each, with',
    '{{#if title url}}{{/if}}': '1:1 PLN-D591 if takes one name of the answer, and nothing else',
    '{{#each lines as |l|}}{{/each}}': '1:1 PLN-D591 each takes one name of the answer, and nothing else',
    '{{#*inline "x"}}{{/inline}}': '1:1 PLN-D591 templates have no partials, decorators and raw blocks',
    'a\n{{#if title}}': '2:12 PLN-D591 the template breaks off or is malformed here',
    '{{#if title}}{{/each}}': "1:4 PLN-D591 if doesn't match each",
    'a \uE000 b': '1:3 PLN-D591 this character is reserved (U+0000, U+E000, U+E001)',
  }
  for (const [source, expected] of Object.entries(cases)) assert.deepEqual(findings(source), [expected], source)
})

test('a value where no escaping is right is refused', () => {
  const bad = [
    '<p class={{title}}>',
    '<p class=a{{title}}>',
    '<p {{title}}>',
    '<p {{title}}="x">',
    '<p {{#if title}}hidden{{/if}}>',
    '<{{title}}>',
    '</{{title}}>',
    '<!{{title}}>',
    '<?{{title}}>',
    '<d{{title}}>',
    '<!-- {{title}} -->',
    '<!doctype {{title}}>',
    '<style>p { color: {{title}} }</style>',
    '<p onclick="{{title}}">',
    '<p style="color: {{title}}">',
    '<img srcset="{{url}}">',
    '<link href="{{url}}">',
    '<a target="{{title}}">',
    '<a ping="{{url}}">',
    '<svg><a xlink:href="{{url}}"></a></svg>',
    '<svg><animate attributeName="href" values="{{url}}"/></svg>',
    '<svg><set to="{{url}}"/></svg>',
    '<a href="javascript:{{title}}">',
    '<a href="java&#115;cript:{{title}}">',
    '<a href=" javascript:{{title}}">',
    '<a href="java\tscript:{{title}}">',
    '<a href="data:text/html,{{title}}">',
    '<a href="https://{{title}}/">',
    '<a href="//{{title}}">',
    '<a href="https:{{title}}">',
    '<a href="/\\\\{{title}}">',
    '<a href="https://example.com{{title}}">',
    '<a href="{{title}}script:x">',
    '<a href="{{url}}{{title}}">',
    '<a href="/{{#if title}}a{{/if}}">',
    '{{#if title}}<p class="{{/if}}x">',
    '{{#if title}}<title>{{/if}}x</title>',
    '<title>{{#if title}}</title>{{/if}}',
    '<title>{{#if title}}</title><title>{{/if}}</title>',
    '<p class="{{#if title}}" title="{{/if}}">',
    '<textarea></tex{{title}}</textarea>',
    '<p class="a" class="{{title}}">',
    '</p class="{{title}}">',
    '<p a="x"b={{title}}>',
    '<a href="{{url}}',
  ]
  for (const source of bad) {
    const found = findings(source)
    assert.ok(
      found.some((one) => /PLN-D59[34]/.test(one)),
      `${source}: ${found.join('; ')}`,
    )
  }
})

test('elements and attributes that run code or load documents are refused', () => {
  const bad = ['script', 'iframe', 'object', 'embed', 'base', 'template', 'noscript', 'math', 'plaintext', 'xmp'].map((name) => `<${name}>`)
  const attributes = ['onload="x()"', 'style="color:red"', 'srcdoc="x"', 'http-equiv="refresh"', 'href="javascript:x"', 'action="data:x"']
  for (const source of [...bad, ...attributes.map((attribute) => `<p ${attribute}>`), '<svg><style>a{}</style></svg>'])
    assert.match(findings(source).join('\n'), /^1:\d+ PLN-D594 /, source)
})

test('a finding about HTML has its place in the template', () => {
  assert.deepEqual(
    findings('{{#if title}}\n  {{title}} <script>\n{{/if}}\n<p\n  onclick="x">').map((one) => one.slice(0, 14)),
    ['2:13 PLN-D594 ', '1:1 PLN-D593 a'],
  )
})
