// Preloaded into a shop: its stores then run with sync off. What a power cut does to them must be
// found out, or the tests of power cuts prove nothing.
const Database = require('better-sqlite3');

const { prepare } = Database.prototype;
Database.prototype.prepare = function prepareWithoutSync(source) {
  return prepare.call(this, source.replace('synchronous = FULL', 'synchronous = OFF'));
};
