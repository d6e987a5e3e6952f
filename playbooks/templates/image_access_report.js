// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';

// Names and messages in the data were written by others: they become text nodes and attributes, never markup.
const report = JSON.parse(document.getElementById('data').textContent);
const VERDICTS = new Map(report.verdicts.map((verdict, rank) => [verdict.id, {...verdict, rank}]));
// The maximum that is drawn at once. Buttons and filters show the others.
const GROUP_ROWS = 25, MORE_ROWS = 200, MATRIX_ROWS = 300, MATRIX_COLUMNS = 40, MOST_PROBLEMS = 100, LONGEST = 70;
const severalHosts = report.clusters.length > 1;
const hasUpgrade = report.images.some((row) => row.upgrade);

const pulledBy = (row) => `${row.kind}/${row.name}`;
const entry = (row) => (row.secret ? `${row.secret}: ${row.server}${row.username ? ` as ${row.username}` : ''}` : '');
const place = (row) => (severalHosts ? `${row.host} / ${row.namespace}` : row.namespace);

// The columns of the table: id, title, share of the width, and the text to sort by.
const COLUMNS = [
  ['verdict', 'Verdict', 9, (row) => VERDICTS.get(row.verdict).rank],
  ['host', 'Cluster', 7, (row) => row.host],
  ['namespace', 'Namespace', 9, (row) => row.namespace],
  ['puller', 'Pulled by', 13, pulledBy],
  ['image', 'Image', 18, (row) => row.image],
  ['entry', 'Credentials or cause', 19, (row) => entry(row) || row.borrowed],
  ['upgrade', 'After an upgrade', 9, (row) => row.after_upgrade],
  ['step', 'Next step', 22, (row) => row.step.text],
].filter(([id]) => (id !== 'host' || severalHosts) && (id !== 'upgrade' || hasUpgrade));
const GROUPS = [
  ['group', 'Cause', (row) => row.group],
  ['registry', 'Registry', (row) => row.registry],
  ['namespace', 'Namespace', place],
  ['none', 'Nothing', () => 'All images'],
];
const UPGRADE = {id: 'upgrade', label: 'Fails after an upgrade', tone: 'open',
  text: 'The upgrade audit predicts that the pull fails, with the event that the row names.'};

for (const row of report.images) {
  const causes = row.cause ? [row.cause.id, row.cause.text] : [];
  row.words = [row.host, row.namespace, row.kind, row.name, row.controller, row.service_account, row.image, row.status,
    row.group, row.server, row.username, row.credentials, row.borrowed, row.after_upgrade,
    ...row.secrets.map((secret) => secret.name), ...causes].join(' ').toLowerCase();
}
for (const problem of report.problems) {
  problem.words = [problem.host, problem.namespace, problem.id, problem.kind, problem.name, problem.text].join(' ').toLowerCase();
}
const NO_FILTER = {verdict: '', text: '', host: '', registry: '', namespace: ''};
const state = {...NO_FILTER, group: 'group', sort: 'verdict', descending: false, closed: new Set(), rows: new Map()};

function byId(id) { return document.getElementById(id); }

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') element.addEventListener('click', value); else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function chip(verdict) { return make('span', {class: `chip ${verdict.tone}`, title: verdict.text}, verdict.label); }

function compare(one, two) {
  if (typeof one === 'number') return one - two;
  return String(one ?? '').localeCompare(String(two ?? ''), 'en', {numeric: true});
}

function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

function worst(rows) {
  return rows.reduce((one, two) => (VERDICTS.get(two.verdict).rank < VERDICTS.get(one.verdict).rank ? two : one)).verdict;
}

// Groups, the most urgent first; among equal ones the largest first.
function ranked(groups) {
  return [...groups].map(([name, rows]) => ({name, rows, rank: VERDICTS.get(worst(rows)).rank}))
    .sort((one, two) => one.rank - two.rank || two.rows.length - one.rows.length || compare(one.name, two.name));
}

function hasWords(item) { return state.text.toLowerCase().split(/\s+/).every((word) => item.words.includes(word)); }

function failsAfterUpgrade(row) { return row.after_upgrade.startsWith('fails'); }

function fits(row) {
  return (!state.verdict || (state.verdict === UPGRADE.id ? failsAfterUpgrade(row) : row.verdict === state.verdict))
    && (!state.host || row.host === state.host) && (!state.registry || row.registry === state.registry)
    && (!state.namespace || place(row) === state.namespace) && hasWords(row);
}

function shownRows() { return report.images.filter(fits); }

function set(changes) {
  Object.assign(state, changes);
  state.rows.clear();
  draw();
}

// --- The table of images ---

function sorted(rows) {
  const key = COLUMNS.find(([id]) => id === state.sort)[3];
  const keys = new Map(rows.map((row) => [row, key(row)]));
  const turn = state.descending ? -1 : 1;
  // The rows of the data are in order of urgency, and sorting keeps it for equal keys.
  return [...rows].sort((one, two) => turn * compare(keys.get(one), keys.get(two)));
}

function sortBy(id) { set({sort: id, descending: state.sort === id && !state.descending}); }

function drawHead() {
  const cells = COLUMNS.map(([id, title, width]) => {
    const direction = state.sort === id ? (state.descending ? 'descending' : 'ascending') : 'none';
    return make('th', {scope: 'col', 'aria-sort': direction, style: `width:${width}%`},
      make('button', {type: 'button', 'data-sort': id, onclick: () => { sortBy(id); document.querySelector(`[data-sort="${id}"]`).focus(); }}, title));
  });
  return make('thead', {}, make('tr', {}, ...cells));
}

function stepCell(step) {
  if (!step.text) return [];
  if (!step.lines.length) return [step.text];
  return [step.text, make('details', {}, make('summary', {}, step.lines[0].startsWith('kubectl') ? 'Show the command' : 'Show the task'), make('pre', {}, step.lines.join('\n')))];
}

function credentialsCell(row) {
  const why = row.why.length ? row.why[0].text : '';
  const broken = row.secrets.filter((secret) => secret.state !== 'found').map((secret) => `${secret.name} (${secret.state.replaceAll('_', ' ')})`);
  const parts = [entry(row), row.borrowed && `from ${row.borrowed}`, broken.join(', '), row.cause ? row.cause.text : why].filter(Boolean);
  return parts.map((text) => make('div', {class: 'clamp', title: text}, text));
}

function short(image) {
  const plain = image.replace(/(@sha256:[0-9a-f]{8})[0-9a-f]+$/, '$1…');
  return plain.length > LONGEST ? `${plain.slice(0, 24)}…${plain.slice(-(LONGEST - 25))}` : plain;
}

const CELLS = {
  verdict: (row) => [chip({...VERDICTS.get(row.verdict), label: row.cause ? row.group.replace(/^.*?: /, '') : VERDICTS.get(row.verdict).label})],
  host: (row) => [row.host],
  namespace: (row) => [row.namespace],
  puller: (row) => [pulledBy(row), ...(row.pods ? [make('span', {class: 'faint'}, `, ${row.pods} Pod${row.pods === 1 ? '' : 's'}`)] : [])],
  image: (row) => [make('button', {class: 'plain', type: 'button', title: row.image, onclick: () => showDetails(row)}, short(row.image))],
  entry: credentialsCell,
  upgrade: (row) => (row.after_upgrade ? [row.after_upgrade] : []),
  step: (row) => stepCell(row.step),
};

function drawRow(row) {
  const cells = COLUMNS.map(([id, title]) => make('td', {class: id, 'data-label': title}, ...CELLS[id](row)));
  return make('tr', {class: 'item'}, ...cells);
}

function drawGroup({name, rows}, isOnly) {
  const isOpen = !state.closed.has(name);
  const most = state.rows.get(name) ?? (isOnly ? MORE_ROWS : GROUP_ROWS);
  const toggle = make('button', {type: 'button', 'aria-expanded': String(isOpen), onclick: () => {
    if (isOpen) state.closed.add(name); else state.closed.delete(name);
    draw();
  }}, `${isOpen ? '▾' : '▸'} ${name} (${rows.length})`);
  const meaning = state.group === 'group' ? [' ', make('span', {class: 'faint'}, VERDICTS.get(rows[0].verdict).text)] : [];
  const body = make('tbody', {}, make('tr', {}, make('th', {class: 'group', colspan: COLUMNS.length, scope: 'rowgroup'}, toggle, ...meaning)));
  if (!isOpen) return body;
  body.append(...sorted(rows).slice(0, most).map(drawRow));
  if (rows.length > most) {
    const next = Math.min(MORE_ROWS, rows.length - most);
    const more = make('button', {type: 'button', onclick: () => { state.rows.set(name, most + next); draw(); }}, `Show ${next} more of ${rows.length}`);
    body.append(make('tr', {}, make('td', {class: 'more', colspan: COLUMNS.length}, more)));
  }
  return body;
}

function drawImages(rows) {
  const key = GROUPS.find(([id]) => id === state.group)[2];
  const groups = ranked(groupBy(rows, key));
  byId('images').replaceChildren(drawHead(), ...groups.map((group) => drawGroup(group, groups.length === 1)));
  byId('images').hidden = !rows.length;
  byId('none').hidden = Boolean(rows.length);
  byId('none').textContent = report.images.length ? 'No image matches the filters.' : 'No Pod or workload pulls an image.';
}

// --- The matrix ---

let cells = [];

function drawMatrix(rows) {
  const columns = ranked(groupBy(rows, (row) => row.registry));
  const lines = ranked(groupBy(rows, place));
  const registries = columns.slice(0, MATRIX_COLUMNS).map((column) => column.name);
  cells = [];
  const body = lines.slice(0, MATRIX_ROWS).map(({name, rows: ofLine}) => {
    const there = groupBy(ofLine, (row) => row.registry);
    const line = [];
    cells.push(line);
    return make('tr', {}, make('th', {scope: 'row'}, name), ...registries.map((registry) => {
      const list = there.get(registry);
      if (!list) {
        line.push(null);
        return make('td');
      }
      const verdict = VERDICTS.get(worst(list));
      const urgent = list.filter((row) => row.verdict === verdict.id).length;
      const label = `${name}, ${registry}: ${urgent} of ${list.length} image${list.length === 1 ? '' : 's'}: ${verdict.label}`;
      const count = urgent === list.length ? urgent : `${urgent}/${list.length}`;
      const made = make('button', {class: `chip ${verdict.tone}`, type: 'button', title: label, 'aria-label': label, tabindex: '-1',
        onclick: () => { set({namespace: name, registry}); byId('images-title').scrollIntoView(); }},
        `${verdict.sign} ${count}`, make('span', {class: 'of'}, ` ${registry}`));
      made.place = [cells.length - 1, line.length];
      line.push(made);
      return make('td', {}, made);
    }));
  });
  const first = cells.flat().find(Boolean);
  if (first) first.tabIndex = 0;
  const head = make('tr', {}, make('th', {class: 'corner', scope: 'col'}, severalHosts ? 'Cluster / namespace' : 'Namespace'),
    ...registries.map((registry) => make('th', {scope: 'col'}, registry)));
  byId('matrix').replaceChildren(make('thead', {}, head), make('tbody', {}, ...body));
  const left = [];
  if (lines.length > MATRIX_ROWS) left.push(`${lines.length - MATRIX_ROWS} more namespaces`);
  if (columns.length > MATRIX_COLUMNS) left.push(`${columns.length - MATRIX_COLUMNS} more registries`);
  byId('matrix-more').textContent = left.length ? `The most urgent are shown. Filter to see ${left.join(' and ')}.` : '';
  byId('matrix-section').hidden = !rows.length;
}

// Tab stops at one cell of the matrix. The arrow keys move to the others.
byId('matrix').addEventListener('keydown', (event) => {
  const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  const from = event.target.place;
  if (!steps || !from) return;
  event.preventDefault();
  for (let [row, column] = [from[0] + steps[0], from[1] + steps[1]]; cells[row] && column >= 0 && column < cells[row].length;
    row += steps[0], column += steps[1]) {
    const next = cells[row][column];
    if (next) {
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  }
});

// --- The details of a row ---

function describeReason(reason) {
  const where = [reason.secret && `Secret ${reason.secret}`, reason.server && `entry "${reason.server}"`].filter(Boolean).join(', ');
  return where ? `${where}: ${reason.text}` : reason.text;
}

function showDetails(row) {
  const dialog = byId('details');
  const secrets = row.secrets.map((secret, index) => `${index + 1}. ${secret.name} (${secret.state.replaceAll('_', ' ')})`);
  const more = row.entries > 1 ? `, then ${row.entries - 1} more` : '';
  const nodes = Object.entries(row.upgrade?.nodes ?? {}).map(([version, count]) => `${version}: ${count}`).join(', ');
  const fields = [
    ['Cluster', severalHosts ? row.host : ''],
    ['Pulled by', `${row.namespace}/${pulledBy(row)}${row.controller ? `, controlled by ${row.controller}` : ''}`],
    ['Pods', row.kind === 'Pod' ? '' : String(row.pods)],
    ['Containers', row.containers.join(', ')],
    ['Account', row.service_account || ''],
    ['Secrets', secrets.length ? secrets.join('\n') : 'none'],
    ['Entry', row.secret ? `${entry(row)}${more}` : ''],
    ['Fails', row.cause ? row.cause.text : ''],
    ['Because', row.why.map(describeReason).join('\n')],
    ['Registry', row.verified ? row.verified.text : ''],
    ['Credentials', [row.credentials || '', row.borrowed && `from ${row.borrowed}`].filter(Boolean).join(' ')],
    ['Runs', row.running === undefined || row.running === null ? '' : (row.running ? 'yes' : 'no')],
    ['Upgrade', row.upgrade?.text || row.after_upgrade],
    ['Nodes', nodes],
    ['Meaning', VERDICTS.get(row.verdict).text],
    ['Next step', row.step.text],
  ].filter(([, value]) => value);
  dialog.replaceChildren(
    make('div', {class: 'top'}, make('h2', {id: 'title'}, row.image), make('button', {type: 'button', onclick: () => dialog.close()}, 'Close')),
    chip(VERDICTS.get(row.verdict)),
    make('dl', {}, ...fields.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)])),
    ...(row.step.lines.length ? [make('pre', {}, row.step.lines.join('\n'))] : []));
  dialog.showModal();
  dialog.scrollTop = 0;
}

// --- Lists below the table ---

function drawProblems() {
  const list = report.problems.filter((problem) => (!state.host || problem.host === state.host)
    && (!state.namespace || place(problem) === state.namespace) && hasWords(problem));
  const lines = list.slice(0, MOST_PROBLEMS).map((problem) =>
    make('li', {class: 'name'}, problem.namespace ? make('b', {}, `${place(problem)}: `) : '', problem.text));
  if (list.length > MOST_PROBLEMS) lines.push(make('li', {class: 'faint'}, `${list.length - MOST_PROBLEMS} more. Filter to see them.`));
  byId('problems').hidden = !list.length;
  byId('problems-title').textContent = `Problems (${list.length})`;
  byId('problems').querySelector('ul').replaceChildren(...lines);
}

function drawRestarts() {
  const list = report.restarts.filter((item) => (!state.host || item.host === state.host)
    && (!state.namespace || place(item) === state.namespace));
  const parts = [];
  for (const [host, items] of groupBy(list, (item) => item.host)) {
    if (severalHosts) parts.push(make('h3', {}, host));
    const commands = items.filter((item) => item.command).map((item) => item.command);
    if (commands.length) parts.push(make('pre', {}, commands.join('\n')));
    const others = items.filter((item) => !item.command);
    if (others.length) parts.push(make('ul', {}, ...others.map((item) => make('li', {class: 'name'}, make('b', {}, `${item.namespace}: `), item.text))));
  }
  byId('restarts').hidden = !list.length;
  byId('restarts-title').textContent = `Restart (${list.length})`;
  byId('restarts').querySelector('div').replaceChildren(...parts);
}

// --- Export, as the files of the playbook ---

function csvCell(value) {
  const text = String(value ?? '').replace(/\s*\n\s*/g, ' ').trim();
  const safe = /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function exportCsv(rows) {
  const unread = report.clusters.filter((cluster) => cluster.error !== null)
    .map((cluster) => ({host: cluster.host, api_server: cluster.server, label: report.not_read, cause: {text: cluster.error}}));
  const lines = [...unread, ...rows].map((row) => report.columns.map(({path}) => path.reduce((value, field) => value?.[field], row)));
  return `${[report.columns.map(({title}) => title), ...lines].map((line) => line.map(csvCell).join(',')).join('\n')}\n`;
}

function exportJson(rows) {
  const images = rows.map(({words, ...row}) => row);
  const problems = report.problems.map(({words, ...problem}) => problem);
  const {made, clusters, restarts, unknown} = report;
  return JSON.stringify({made, clusters, images, problems, restarts, unknown}, null, 1);
}

function save(name, type, text) {
  const link = make('a', {href: URL.createObjectURL(new Blob([text], {type})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// --- Filters ---

const FILTERS = {host: (row) => row.host, registry: (row) => row.registry, namespace: place};

function fillSelect(id, options) {
  byId(id).replaceChildren(...options.map(([value, text]) => make('option', {value}, text)));
  byId(id).addEventListener('change', (event) => set({[id]: event.target.value}));
}

function isFiltered() { return Object.entries(NO_FILTER).some(([name, value]) => state[name] !== value); }

const buttons = [...VERDICTS.values(), UPGRADE].map((verdict) => {
  const count = report.images.filter(verdict === UPGRADE ? failsAfterUpgrade : (row) => row.verdict === verdict.id).length;
  const button = make('button', {type: 'button', title: verdict.text, onclick: () => set({verdict: state.verdict === verdict.id ? '' : verdict.id})},
    make('b', {}, String(count)), chip(verdict));
  if (count) byId('counts').append(make('li', {}, button));
  return [verdict.id, button];
});

function draw() {
  const rows = shownRows();
  for (const [id, button] of buttons) button.setAttribute('aria-pressed', String(state.verdict === id));
  for (const id of ['host', 'registry', 'namespace', 'group', 'sort']) byId(id).value = state[id];
  if (byId('search').value.trim() !== state.text) byId('search').value = state.text;
  byId('clear').disabled = !isFiltered();
  const all = report.images.length;
  byId('shown').textContent = rows.length === all ? `${all} images` : `${rows.length} of ${all} images`;
  drawImages(rows);
  drawMatrix(rows);
  drawRestarts();
  drawProblems();
}

function drawOnce() {
  const [first] = report.clusters;
  byId('made').textContent = severalHosts ? `${report.clusters.length} clusters, ${report.made}` : `${first?.server ?? first?.host ?? ''}, ${report.made}`;
  byId('clusters').hidden = !severalHosts;
  byId('clusters').querySelector('tbody').append(...report.clusters.map((cluster) => make('tr', {}, make('th', {scope: 'row'}, cluster.host),
    make('td', {}, cluster.server ?? 'not known'),
    ...(cluster.error === null ? [cluster.images, cluster.failing, cluster.problems].map((count) => make('td', {}, String(count)))
      : [make('td', {colspan: 3}, make('span', {class: 'chip fails'}, report.not_read))]))));
  const unread = report.clusters.filter((cluster) => cluster.error !== null);
  if (unread.length) {
    byId('unread').hidden = false;
    byId('unread').append(make('b', {}, 'These clusters could not be read. Their images are not in this report:'),
      ...unread.map((cluster) => make('p', {}, `${cluster.host}: ${cluster.error}`)));
  }
  if (report.unknown.length) {
    byId('unknown').hidden = false;
    byId('unknown').append(make('b', {}, 'Some results are unknown, because these objects could not be read. Get the permissions and create the report again:'),
      ...report.unknown.map((item) => make('p', {}, severalHosts ? `${item.host}: ${item.text}` : item.text)));
  }
  byId('legend').append(...[...report.verdicts, ...(hasUpgrade ? [UPGRADE] : [])]
    .flatMap((verdict) => [make('dt', {}, chip({...verdict, label: [verdict.sign, verdict.label].filter(Boolean).join(' ')})), make('dd', {}, verdict.text)]));
  for (const [id, key] of Object.entries(FILTERS)) {
    const names = [...new Set(report.images.map(key))].sort(compare);
    fillSelect(id, [['', 'all'], ...names.map((name) => [name, name])]);
  }
  fillSelect('group', GROUPS);
  fillSelect('sort', COLUMNS);
  byId('for-host').hidden = !severalHosts;
  byId('clear').addEventListener('click', () => { set(NO_FILTER); byId('search').focus(); });
  byId('csv').addEventListener('click', () => save('image-access-report.csv', 'text/csv', exportCsv(shownRows())));
  byId('json').addEventListener('click', () => save('image-access-report.json', 'application/json', exportJson(shownRows())));
  let pause;
  byId('search').addEventListener('input', (event) => {
    clearTimeout(pause);
    pause = setTimeout(() => set({text: event.target.value.trim()}), 150);
  });
  byId('details').addEventListener('click', (event) => { if (event.target.id === 'details') event.target.close(); });
}

drawOnce();
draw();
