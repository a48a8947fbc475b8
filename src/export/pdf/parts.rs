//! The logical structure of a document, in reading order: screen readers announce headings,
//! paragraphs, lists, tables with their header cells, and the alternative text of figures.

use std::num::NonZeroU16;

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// The role of a part.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// A heading with its level; level 1 is the title.
    Heading(u16),
    Paragraph,
    Quote,
    List,
    Item,
    Body,
    Table,
    Row,
    /// The header cell of a row.
    RowName,
    ColumnName,
    Cell,
    /// A figure with its alternative text.
    Figure(String),
}

/// The index of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part(usize);

struct Begun {
    role: Role,
    children: Vec<Child>,
}

enum Child {
    Part(Part),
    /// Content of a page that belongs to the part.
    Drawn(Identifier),
}

/// The parts of one document.
#[derive(Default)]
pub(super) struct Parts {
    all: Vec<Begun>,
    /// The parts that are in no other part.
    roots: Vec<Part>,
}

impl Parts {
    /// Adds a part to the document, or to another part.
    pub(super) fn begin(&mut self, role: Role, of: Option<Part>) -> Part {
        let part = Part(self.all.len());
        self.all.push(Begun {
            role,
            children: Vec::new(),
        });
        match of.and_then(|of| self.all.get_mut(of.0)) {
            Some(whole) => whole.children.push(Child::Part(part)),
            None => self.roots.push(part),
        }
        part
    }

    /// Assigns content of a page to a part.
    pub(super) fn add(&mut self, part: Part, drawn: Identifier) {
        if let Some(begun) = self.all.get_mut(part.0) {
            begun.children.push(Child::Drawn(drawn));
        }
    }

    /// Converts the parts to the document's tag tree.
    pub(super) fn into_tree(mut self) -> TagTree {
        let roots = std::mem::take(&mut self.roots);
        let nodes: Vec<Node> = roots.into_iter().map(|part| self.node(part)).collect();
        TagTree::from(nodes).with_lang(Some("en".to_owned()))
    }

    /// Converts a part and the parts in it. The recursion is bounded: tables nest deepest, with
    /// three levels.
    fn node(&mut self, part: Part) -> Node {
        let Some(begun) = self.all.get_mut(part.0) else {
            return TagGroup::new(Tag::P).into();
        };
        let children = std::mem::take(&mut begun.children);
        let tag = tag(&begun.role);
        let children = children.into_iter().map(|child| match child {
            Child::Part(inner) => self.node(inner),
            Child::Drawn(identifier) => identifier.into(),
        });
        TagGroup::with_children(tag, children.collect()).into()
    }
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Heading(level) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, None).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Quote => Tag::BlockQuote.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::RowName => Tag::TH(TableHeaderScope::Row).into(),
        Role::ColumnName => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(shows) => Tag::Figure(Some(shows.clone())).into(),
    }
}
