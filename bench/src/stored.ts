/** A full database without a day of making it: copies of one connection, with everything that indexes look at. */
import { DatabaseSync } from 'node:sqlite'

/** Adds this many copies of each connection and its authorization to a database that no server has open. */
export function copyConnection(path: string, count: number): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma synchronous = off; pragma temp_store = memory; begin')
    copy(database, 'connections', count, {
      id: "'con_copy' || n.value",
      link_name: "'copy_' || n.value",
      name: "'Copy ' || n.value",
      search: "'copy ' || n.value",
      created_at: 'created_at - n.value',
    })
    copy(database, 'authorizations', count, {
      id: "'aut_copy' || n.value",
      connection_id: "'con_copy' || n.value",
      created_at: 'created_at - n.value',
    })
    database.exec('commit; analyze')
  } finally {
    database.close()
  }
}

function copy(database: DatabaseSync, table: string, count: number, changed: Record<string, string>): void {
  const columns = database
    .prepare(`select name from pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name))
  const values = columns.map((column) => changed[column] ?? `"${column}"`)
  database.exec(
    `with recursive n(value) as (select 1 union all select value + 1 from n where value < ${count})
     insert into ${table} ("${columns.join('", "')}") select ${values.join(', ')} from n, (select * from ${table} limit 1)`,
  )
}
