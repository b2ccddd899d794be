// Our sources are TypeScript but import each other by the name of the compiled file
// (`./wallet.js`), as NodeNext demands. Tests run on the sources, so such an import is looked
// up as `.ts` first. Only imports made by our own files: a package's `./x.js` is a real file.
const { sep } = require('node:path');

const insidePackages = `${sep}node_modules${sep}`;

module.exports = (request, options) => {
  const ours = !`${options.basedir}${sep}`.includes(insidePackages);
  if (ours && /^\.{1,2}\/.*\.js$/.test(request)) {
    try {
      return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return options.defaultResolver(request, options);
};
