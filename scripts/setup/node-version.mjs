// Imported first by every command, before anything that an older Node might lack.
const needed = [20, 20];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `Timbrel needs Node ${needed.join('.')} or later and this is Node ${process.versions.node}: install a newer one and run the command again.`,
  );
  process.exit(1);
}
