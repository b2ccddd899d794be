// Our sources are TypeScript but import each other by the name of the compiled file
// (`./wallet.js`), as NodeNext demands. Tests run on the sources, so such an import means the
// `.ts` file where there is one. Only imports made by our own files: a package's `./x.js` is real.
const { existsSync } = require('node:fs');
const { resolve, sep } = require('node:path');

const insidePackages = `${sep}node_modules${sep}`;

module.exports = (request, options) => {
  const ours = !`${options.basedir}${sep}`.includes(insidePackages);
  if (ours && /^\.{1,2}\/.*\.js$/.test(request)) {
    const source = resolve(options.basedir, request.replace(/\.js$/, '.ts'));
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(request, options);
};
