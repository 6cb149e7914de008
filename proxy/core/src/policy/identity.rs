//! Who the variables of a rule stand for (INT-13).

/// The names that identity variables expand to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// Name of the user.
    pub username: &'a str,
    /// Access key id that signs.
    pub access_key_id: &'a str,
}

/// An identity variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Username,
    AccessKeyId,
}

impl Variable {
    pub(super) const NAMES: &str = "`${iam:username}` and `${iam:access_key_id}`";

    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "iam:username" => Some(Self::Username),
            "iam:access_key_id" => Some(Self::AccessKeyId),
            _ => None,
        }
    }
}

impl<'a> Identity<'a> {
    /// What a variable stands for; nothing where a name could reach across a path.
    pub(super) fn expand(&self, variable: Variable) -> Option<&'a str> {
        let text = match variable {
            Variable::Username => self.username,
            Variable::AccessKeyId => self.access_key_id,
        };
        let safe = !text.contains('/') && !text.contains(char::is_control);
        safe.then_some(text)
    }
}
