import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRecipes, type Recipe } from './recipes.ts'

const RECIPE: Recipe = { plan: 'plan', constants: {}, filled: [] }

test('a recipe is kept when its key comes for the second time', () => {
  const recipes = openRecipes()
  let made = 0
  const make = () => {
    made++
    return RECIPE
  }
  recipes.offer('a', make)
  assert.deepEqual([recipes.get('a'), made], [undefined, 0])
  recipes.offer('a', make)
  assert.deepEqual([recipes.get('a'), made], [RECIPE, 1])
  recipes.offer('b', () => null)
  recipes.offer('b', () => null)
  assert.equal(recipes.get('b'), null)
})

test('a flood of different queries drops no recipe', () => {
  const recipes = openRecipes()
  for (const key of ['a', 'a', '__proto__', '__proto__']) recipes.offer(key, () => RECIPE)
  for (let i = 0; i < 20_000; i++) recipes.offer(`odd ${i}`, () => RECIPE)
  assert.equal(recipes.get('a'), RECIPE)
  assert.equal(recipes.get('__proto__'), RECIPE)
})

test('the table is limited, and keeps the recipes that are used', () => {
  const recipes = openRecipes()
  for (const key of ['used', 'used', 'unused', 'unused']) recipes.offer(key, () => RECIPE)
  for (let i = 0; i < 20_000; i++) {
    for (const key of [`odd ${i}`, `odd ${i}`]) recipes.offer(key, () => RECIPE)
    recipes.get('used')
  }
  assert.equal(recipes.get('used'), RECIPE)
  assert.equal(recipes.get('unused'), undefined)
})
