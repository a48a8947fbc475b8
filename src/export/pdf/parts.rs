//! What is what in a document, in the order in which it is read: whoever has it read aloud hears headings, paragraphs,
//! lists, tables with their heads, and what a drawing shows.

use std::num::NonZeroU16;

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// What a part is.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// Level 1 is the title.
    Heading(u16),
    Paragraph,
    Quote,
    List,
    Item,
    Body,
    Table,
    Row,
    /// The name of a row, or of a column.
    RowName,
    ColumnName,
    Cell,
    /// With what it shows, in words.
    Figure(String),
}

/// One of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part(usize);

struct Begun {
    role: Role,
    children: Vec<Child>,
}

enum Child {
    Part(Part),
    /// What of a sheet belongs to it.
    Drawn(Identifier),
}

/// All parts of a document.
#[derive(Default)]
pub(super) struct Parts {
    all: Vec<Begun>,
    /// Those that are in no other.
    roots: Vec<Part>,
}

impl Parts {
    /// The next part, of the document or of another part.
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

    /// This was drawn for it.
    pub(super) fn add(&mut self, part: Part, drawn: Identifier) {
        if let Some(begun) = self.all.get_mut(part.0) {
            begun.children.push(Child::Drawn(drawn));
        }
    }

    /// As the document holds them.
    pub(super) fn into_tree(mut self) -> TagTree {
        let roots = std::mem::take(&mut self.roots);
        let nodes: Vec<Node> = roots.into_iter().map(|part| self.node(part)).collect();
        TagTree::from(nodes).with_lang(Some("en".to_owned()))
    }

    /// A part with those in it: a table is the deepest, with three levels.
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
