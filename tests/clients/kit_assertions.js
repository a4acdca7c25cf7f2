// The assertions of a Postman collection, in the style of TM Forum's conformance kits: one test per
// attribute. This text stands before the calls in the script of every request.
const answer = () => pm.response.json();
const remember = (resource) => {
  pm.collectionVariables.set('id', resource.id);
  pm.collectionVariables.set('href', resource.href);
  for (const [name, value] of Object.entries(resource)) {
    if (typeof value !== 'object') pm.collectionVariables.set(name, String(value));
  }
};
const status = (code) => pm.test(`status is ${code}`, () => pm.response.to.have.status(code));

const hasAttributes = (resource, attributes) => {
  for (const name of ['id', 'href']) {
    pm.test(`${name} is a text`, () => pm.expect(resource[name]).to.be.a('string').and.not.empty);
  }
  for (const attribute of attributes) {
    const name = attribute.split('[')[0];
    pm.test(`has ${attribute}`, () => {
      pm.expect(resource).to.have.property(name);
      pm.expect(resource[name], name).to.not.be.null;
      if (attribute.endsWith(']')) pm.expect(resource[name], name).to.be.an('array');
      if (attribute.endsWith('[1]')) pm.expect(resource[name], name).to.not.be.empty;
    });
  }
};

const isArray = () => {
  status(200);
  pm.test('is an array with its length in X-Result-Count', () => {
    pm.expect(answer()).to.be.an('array').and.not.empty;
    pm.expect(pm.response.headers.get('X-Result-Count')).to.equal(String(answer().length));
    pm.expect(pm.response.headers.has('X-Total-Count')).to.be.true;
  });
};

const kit = {
  created(attributes) {
    status(201);
    hasAttributes(answer(), attributes);
    pm.test('Location is href', () =>
      pm.expect(pm.response.headers.get('Location')).to.equal(answer().href));
    remember(answer());
  },
  listed(attributes) {
    isArray();
    for (const resource of answer()) hasAttributes(resource, attributes);
  },
  retrieved(attributes) {
    status(200);
    hasAttributes(answer(), attributes);
    pm.test('is the one that was asked for', () =>
      pm.expect(answer().href).to.equal(pm.collectionVariables.get('href')));
    remember(answer());
  },
  filtered(attribute) {
    const wanted = pm.collectionVariables.get(attribute);
    isArray();
    pm.test(`all have ${attribute} = ${wanted}`, () => {
      for (const resource of answer()) pm.expect(String(resource[attribute])).to.equal(wanted);
    });
    pm.test('the one that is meant is among them', () =>
      pm.expect(answer().map(({ id }) => id)).to.include(pm.collectionVariables.get('id')));
  },
  projected(attribute) {
    isArray();
    pm.test(`all have id, href and ${attribute} alone`, () => {
      for (const resource of answer()) pm.expect(resource).to.have.all.keys('id', 'href', attribute);
    });
  },
  patched(patch) {
    status(200);
    pm.test('holds what was sent', () => {
      for (const [name, value] of Object.entries(patch)) pm.expect(answer()[name]).to.eql(value);
      pm.expect(answer().id).to.equal(pm.collectionVariables.get('id'));
    });
  },
  deleted() {
    status(204);
    pm.test('has no body', () => pm.expect(pm.response.text()).to.be.empty);
  },
  refused(code) {
    status(code);
    pm.test('has code and reason', () => {
      for (const name of ['code', 'reason']) pm.expect(answer()[name]).to.be.a('string').and.not.empty;
    });
  },
  registered(callback) {
    status(201);
    pm.test('has id and callback', () => {
      pm.expect(answer().id).to.be.a('string').and.not.empty;
      pm.expect(answer().callback).to.equal(callback);
    });
    pm.collectionVariables.set('hub', answer().id);
  },
};
