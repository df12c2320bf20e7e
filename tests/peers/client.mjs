// The JavaScript client of the Hub, asked for everything that the tests' Hub offers; prints one object of JSON.
import { createRequire } from "node:module";
const [, , folder, hubUrl, repo] = process.argv;
const hub = await import(createRequire(`${folder}/`).resolve("@huggingface/hub"));

async function all(items) {
  const found = [];
  for await (const one of items) found.push(one);
  return found;
}

const known = { repo, hubUrl };
const weights = await hub.downloadFile({ ...known, path: "model.safetensors", xet: false });
const card = await hub.downloadFile({ ...known, path: "README.md", revision: "v1.0.0" });
const info = await hub.modelInfo({ name: repo, hubUrl, additionalFields: ["author", "sha", "tags"] });
const header = await hub.parseSafetensorsMetadata({ ...known, computeParametersCount: true });
const files = await all(hub.listFiles({ ...known, recursive: true }));
const report = {
  files: Object.fromEntries(files.map((file) => [file.path, file.lfs?.oid ?? file.oid])),
  commits: (await all(hub.listCommits(known))).map((commit) => commit.title),
  count: await hub.countCommits(known).catch(() => null),
  paths: (await hub.pathsInfo({ ...known, paths: ["config.json", "gone"] })).map((file) => file.path),
  exists: [await hub.fileExists({ ...known, path: "config.json" }), await hub.fileExists({ ...known, path: "gone" })],
  download: (await hub.fileDownloadInfo({ ...known, path: "model.safetensors" })).size,
  card: await card.text(),
  part: Array.from(new Uint8Array(await weights.slice(100, 108).arrayBuffer())),
  sha: info.sha,
  parameters: header.parameterCount,
  models: (await all(hub.listModels({ search: { owner: repo.split("/")[0] }, hubUrl }))).map((one) => one.name),
};
console.log(JSON.stringify(report));
