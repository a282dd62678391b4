// Planted bugs: each a small edit of the product that a careless change could make, and the tests of its neighbourhood that
// have to notice. `run.ts` applies them one by one. Texts must stand in their file exactly once.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of source files.

export interface Mutant {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Words of test files, as `npm test -- words`. The simulation is asked where they find nothing. */
  readonly tests: readonly string[]
}

const STATE = ['state/']
const ENGINE = ['engine/']

export const MUTANTS: readonly Mutant[] = [
  // The state file.
  {
    name: 'skip the fsync of the state file',
    file: 'src/state/file.ts',
    find: '    await files.sync(beside)\n',
    replace: '',
    tests: STATE,
  },
  {
    name: 'skip the fsync of its folder',
    file: 'src/state/file.ts',
    find: '    await files.rename(beside, file)\n    await files.syncFolder(folder)\n',
    replace: '    await files.rename(beside, file)\n',
    tests: STATE,
  },
  {
    name: 'rename before the content is on disk',
    file: 'src/state/file.ts',
    find: '    await files.sync(beside)\n    await files.rename(beside, file)\n',
    replace: '    await files.rename(beside, file)\n    await files.sync(file)\n',
    tests: STATE,
  },
  {
    name: 'write the state in place',
    file: 'src/state/file.ts',
    find: '  const beside = `${file}.${processes.self().pid}.tmp`\n',
    replace: '  const beside = processes.self().pid > 0 ? file : file\n',
    tests: STATE,
  },
  {
    name: 'do not check the seal',
    file: 'src/state/file.ts',
    find: 'if (seal(body) !== sha256) throw',
    replace: 'if (seal(body) === undefined) throw',
    tests: STATE,
  },
  {
    name: 'work on a newer version’s state',
    file: 'src/state/file.ts',
    find: "document?.format === 'multiregion-state' && Number(document.version) > 1",
    replace: "document?.format === 'multiregion-state' && Number(document.version) > 1e9",
    tests: STATE,
  },
  {
    name: 'keep no backup',
    file: 'src/state/file.ts',
    find: '      await replaceFile(backupOf(this.file), await this.#world.files.readFile(this.file), this.#world)\n',
    replace: '      await this.#world.files.readFile(this.file)\n',
    tests: STATE,
  },
  {
    name: 'do not raise the serial',
    file: 'src/state/saves.ts',
    find: 'serial: this.#state.serial + 1',
    replace: 'serial: this.#state.serial',
    tests: STATE,
  },
  {
    name: 'let two writes run at once',
    file: 'src/state/saves.ts',
    find: 'this.#next = this.#last.then(() => {',
    replace: 'this.#next = Promise.resolve().then(() => {',
    tests: STATE,
  },
  {
    name: 'do not wait for the save',
    file: 'src/state/saves.ts',
    find: '    return this.#next\n  }\n\n  /** Resolves when no write',
    replace: '    return Promise.resolve()\n  }\n\n  /** Resolves when no write',
    tests: STATE,
  },
  {
    name: 'leave what a killed run was writing',
    file: 'src/state/file.ts',
    find: 'filter((name) => leftover.test(name))',
    replace: 'filter((name) => name === folder)',
    tests: STATE,
  },
  // The lock.
  {
    name: 'ignore the lock of a living run',
    file: 'src/state/lock.ts',
    find: 'if (owner && !processes.isGone(owner)) throw',
    replace: 'if (owner && processes.isGone(owner) === undefined) throw',
    tests: STATE,
  },
  {
    name: 'take the lock of another host',
    file: 'src/base/process.ts',
    find: 'if (host !== os.hostname()) return false',
    replace: 'if (host !== os.hostname()) return true',
    tests: STATE,
  },
  {
    name: 'free a lock whoever holds it',
    file: 'src/state/lock.ts',
    find: 'if ((await readOwner(file, world))?.nonce === nonce) await',
    replace: 'if ((await readOwner(file, world))?.nonce !== undefined) await',
    tests: STATE,
  },
  {
    name: 'forget to free the lock',
    file: 'src/state/lock.ts',
    find: 'return { release: () => removeIf(file, me.nonce, world) }',
    replace: 'return { release: () => removeIf(file, `not ${me.nonce}`, world) }',
    tests: STATE,
  },
  {
    name: 'take a lease that is renewed',
    file: 'src/state/lease.ts',
    find: '(watched.owner.nonce !== owner?.nonce || watched.beat !== lock?.beat)',
    replace: 'watched.owner.nonce !== owner?.nonce',
    tests: STATE,
  },
  {
    name: 'save without the fence',
    file: 'src/state/lease.ts',
    find: "ConditionExpression: 'nonce = :nonce AND fence = :fence',",
    replace: "ConditionExpression: 'attribute_exists(nonce) OR nonce = :nonce OR fence = :fence',",
    tests: STATE,
  },
  // Intents.
  {
    name: 'do not wait until the intent is on disk',
    file: 'src/engine/ledger.ts',
    find: '    await this.#patch(address, {\n      intent,',
    replace: '    void this.#patch(address, {\n      intent,',
    tests: ENGINE,
  },
  {
    name: 'make a new token for an open intent',
    file: 'src/engine/ledger.ts',
    find: 'open?.action === action\n',
    replace: "open?.action === action && open.token === ''\n",
    tests: ENGINE,
  },
  {
    name: 'leave the intent open when it is settled',
    file: 'src/engine/ledger.ts',
    find: 'const { intent: _done, ...entry } = now',
    replace: 'const { ...entry } = now',
    tests: ENGINE,
  },
  {
    name: 'forget what was superseded',
    file: 'src/engine/ledger.ts',
    find: '{ ...rest, superseded: [...new Set([...(rest.superseded ?? []), id])] }',
    replace: '{ ...rest, ...(id === undefined && { superseded: [id] }) }',
    tests: ENGINE,
  },
  {
    name: 'forget an instance before it is gone',
    file: 'src/engine/retire.ts',
    find: '  await untilAbsent(node, run)\n  await run.ledger.forget(address)\n',
    replace: '  await run.ledger.forget(address)\n  await untilAbsent(node, run).catch(() => undefined)\n',
    tests: ENGINE,
  },
  // Whose it is.
  {
    name: 'change what is another’s',
    file: 'src/engine/reconcile.ts',
    find: 'if (!observed.owned) return await adopt(attempt, observed)',
    replace: 'if (!observed.id) return await adopt(attempt, observed)',
    tests: ENGINE,
  },
  {
    name: 'remove what is another’s',
    file: 'src/engine/retire.ts',
    find: 'if (!(await isOurs(node, desired, observed, run))) {',
    replace: 'if (!observed.id) {',
    tests: ENGINE,
  },
  {
    name: 'adopt what is another stack’s',
    file: 'src/engine/adoption.ts',
    find: 'if (!isToAdopt(node, run) || observed.stack !== undefined)',
    replace: 'if (!isToAdopt(node, run))',
    tests: ENGINE,
  },
  {
    name: 'adopt what was not named',
    file: 'src/engine/adoption.ts',
    find: 'adopts?.has(address) === true',
    replace: 'adopts !== undefined',
    tests: ENGINE,
  },
  {
    name: 'leave the rights of an adopted role',
    file: 'src/steps/role.ts',
    find: '    await strip(iam, id, POLICY)\n',
    replace: '',
    tests: ['hostile/adoption'],
  },
  {
    name: 'take any tag of ours for all',
    file: 'src/aws/tags.ts',
    find: 'Object.entries(ours).every(([key, value]) => there[key] === value)',
    replace: 'Object.entries(ours).some(([key, value]) => there[key] === value)',
    tests: ['aws/'],
  },
  {
    name: 'do not look at the lineage of what things hang on',
    file: 'src/aws/tags.ts',
    find: '[TAG.stack, TAG.lineage].every(',
    replace: '[TAG.stack].every(',
    tests: ['aws/', 'hostile/foreign'],
  },
  {
    name: 'forget the tags of a new REST API',
    file: 'src/steps/rest-api.ts',
    find: '        tags: { ...tags },\n',
    replace: '',
    tests: ['steps/'],
  },
  {
    name: 'forget the tags of a new function',
    file: 'src/steps/function.ts',
    find: 'Tags: { ...tags, [ROLE_ID]: desired.roleId },',
    replace: 'Tags: { [ROLE_ID]: desired.roleId },',
    tests: ['steps/'],
  },
  {
    name: 'take another stack’s traffic policy',
    file: 'src/steps/traffic-policy.ts',
    find: 'Comment?.includes(lineage) ?? false',
    replace: 'Comment?.includes(lineage) ?? true',
    tests: ['steps/'],
  },
  // Answers that are lost, listings that lag.
  {
    name: 'send CreateRestApi again after a lost answer',
    file: 'src/aws/clients.ts',
    find: "  'apigateway:CreateRestApi',\n",
    replace: '',
    tests: ['aws/'],
  },
  {
    name: 'believe the first look that misses',
    file: 'src/engine/look.ts',
    find: 'if (!doubt || (misses >= doubt.misses',
    replace: 'if (!doubt || misses > 0 || (misses >= doubt.misses',
    tests: ENGINE,
  },
  {
    name: 'leave the twin that a lost answer made',
    file: 'src/engine/reconcile.ts',
    find: '      await noteTwins(attempt, next)\n',
    replace: '',
    tests: ENGINE,
  },
  {
    name: 'drop the token of a certificate',
    file: 'src/steps/certificate.ts',
    find: '        IdempotencyToken: token,\n',
    replace: '        IdempotencyToken: `x${Date.now()}${token.slice(0, 4)}`,\n',
    tests: ['steps/'],
  },
  {
    name: 'use the reference of a health check again',
    file: 'src/steps/health-check.ts',
    find: '`${reference(ctx)}${ctx.token.slice(0, 24)}`',
    replace: '`${reference(ctx)}${ctx.token.slice(0, 0)}`',
    tests: ['steps/'],
  },
  {
    name: 'take a refusal of a second try for the first',
    file: 'src/aws/errors.ts',
    find: 'httpStatusCode < 500 && attempts === 1',
    replace: 'httpStatusCode < 500 && attempts >= 1',
    tests: ['aws/', 'engine/'],
  },
  {
    name: 'do not ask again for what an unanswered create made, on the way down',
    file: 'src/engine/retire.ts',
    find: '    if (!old) await replayOpenCreate(node, desired, run)\n',
    replace: '',
    tests: ENGINE,
  },
  // Order.
  {
    name: 'let a record use a check without observations',
    file: 'src/steps/health-check.ts',
    find: "    observed ? { state: 'ready' }",
    replace: "    observed || true ? { state: 'ready' }",
    tests: ['steps/'],
  },
  {
    name: 'run serial steps at once',
    file: 'src/engine/reconcile.ts',
    find: 'return node.step.serial ? run.turn(node.step.kind, loop) : loop()',
    replace: "return node.step.kind === '' ? run.turn(node.step.kind, loop) : loop()",
    tests: ENGINE,
  },
  {
    name: 'remove what others still need',
    file: 'src/engine/walk.ts',
    find: 'if (standing) return skip(node, standing.address, run)',
    replace: "if (standing?.address === '') return skip(node, standing.address, run)",
    tests: ENGINE,
  },
  {
    name: 'do not sweep what was replaced',
    file: 'src/engine/walk.ts',
    find: "if (state !== 'ready' || !moved) continue",
    replace: "if (state !== 'ready' || moved) continue",
    tests: ENGINE,
  },
  {
    name: 'start new moves after Ctrl-C',
    file: 'src/engine/runner.ts',
    find: 'if (run.signal.aborted) throw cancelled(run)',
    replace: 'if (run.signal.aborted && run.signal.reason === run) throw cancelled(run)',
    tests: ENGINE,
  },
  {
    name: 'do not pace calls',
    file: 'src/aws/pace.ts',
    find: 'if (rate) await take(',
    replace: 'if (rate && rate.burst === 0) await take(',
    tests: ['aws/'],
  },
  // Failover.
  {
    name: 'let up undo a failover',
    file: 'src/steps/function.ts',
    find: "...(drained ? { status: '404' } : {})",
    replace: '...(drained ? {} : {})',
    tests: ['steps/'],
  },
  {
    name: 'drain the last region',
    file: 'src/commands/switch.ts',
    find: '  if (!options.forceLast) await refuseLast(session, region)\n',
    replace: '',
    tests: [],
  },
  {
    name: 'do not record the drain',
    file: 'src/commands/switch.ts',
    find: '  if (!was)\n    await session.ledger.drain(',
    replace: '  if (was)\n    await session.ledger.drain(',
    tests: ['simulation/scenario'],
  },
  {
    name: 'work in another account',
    file: 'src/commands/place-error.ts',
    find: 'if (theirs.account !== ours.account || ',
    replace: 'if (',
    tests: [],
  },
  {
    name: "rebuild: take what hangs on nothing of ours for another's",
    file: 'src/engine/survey.ts',
    find: 'nodes.some((other) => others.has(other)) &&',
    replace: 'nodes.some((other) => !ours.has(other)) &&',
    tests: ['simulation/scenario'],
  },
  {
    name: 'rebuild: look once',
    file: 'src/commands/rebuild.ts',
    find: '  await session.target.clock.sleep(LAG_SECONDS, session.signal)\n',
    replace: '',
    tests: ['simulation/scenario'],
  },
]
