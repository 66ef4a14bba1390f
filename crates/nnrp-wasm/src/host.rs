//! Everything that belongs to one instance of the module: its memory for the host, clients, resumable sessions.

use std::collections::BTreeMap;

use nnrp_core::Timestamp;

use crate::client::{Client, ClientSettings, Resumables};
use crate::failure::Failure;
use crate::host_memory::HostMemory;

/// A deadline that never comes.
pub(crate) const NEVER: u64 = u64::MAX;

/// Clients at once.
const MOST_CLIENTS: usize = 65_536;

/// The state of the module.
#[derive(Default)]
pub(crate) struct Host {
    pub(crate) memory: HostMemory,
    pub(crate) resumables: Resumables,
    clients: BTreeMap<u32, Client>,
    last_client: u32,
}

impl Host {
    /// Runs a call over the arguments, and names its failure in the output. The arguments are gone afterwards.
    pub(crate) fn answer<E: Into<Failure>>(
        &mut self,
        call: impl FnOnce(&mut Self) -> Result<u32, E>,
    ) -> u32 {
        self.memory.output = Vec::new();
        let outcome = call(self);
        self.memory.clear();
        outcome.unwrap_or_else(|error| {
            self.memory.output = error.into().to_json().into_bytes();
            0
        })
    }

    /// The same for the calls of spec 16, whose failures are plain words.
    pub(crate) fn answer_text(
        &mut self,
        call: impl FnOnce([&str; 4]) -> Result<String, String>,
    ) -> u32 {
        let outcome = self.texts().and_then(call);
        let succeeded = outcome.is_ok();
        self.memory.output = outcome.unwrap_or_else(|words| words).into_bytes();
        self.memory.clear();
        succeeded.into()
    }

    pub(crate) fn add_client(&mut self, now: Timestamp) -> Result<u32, Failure> {
        if self.clients.len() >= MOST_CLIENTS {
            let words = format!("{MOST_CLIENTS} clients exist; free those that are done");
            return Err(Failure::usage("TooManyClients", words));
        }
        let memory = &self.memory;
        let settings = ClientSettings::read(
            memory.text(0)?,
            memory.argument(1),
            memory.argument(2),
            memory.argument(3),
        )?;
        let client = Client::new(&settings, now)?;
        let number = self.free_number();
        self.clients.insert(number, client);
        Ok(number)
    }

    pub(crate) fn remove_client(&mut self, number: u32) -> bool {
        self.clients.remove(&number).is_some()
    }

    /// A client, and the arguments of the call to it.
    pub(crate) fn client_and_memory(
        &mut self,
        number: u32,
    ) -> Result<(&mut Client, &HostMemory), Failure> {
        let client = self.clients.get_mut(&number).ok_or_else(unknown)?;
        Ok((client, &self.memory))
    }

    pub(crate) fn take_events(&mut self, number: u32, now: Timestamp) -> Result<u32, Failure> {
        let client = self.clients.get_mut(&number).ok_or_else(unknown)?;
        let output = &mut self.memory.output;
        Ok(client.take_events(now, &mut self.resumables, output))
    }

    pub(crate) fn resume(
        &mut self,
        number: u32,
        resumable: u32,
        now: Timestamp,
    ) -> Result<u32, Failure> {
        let client = self.clients.get_mut(&number).ok_or_else(unknown)?;
        client.resume(now, &mut self.resumables, resumable)
    }

    pub(crate) fn detach(&mut self, number: u32, session_id: u32) -> Result<u32, Failure> {
        let client = self.clients.get_mut(&number).ok_or_else(unknown)?;
        client.detach(&mut self.resumables, session_id)
    }

    fn texts(&self) -> Result<[&str; 4], String> {
        let mut texts = [""; 4];
        for (slot, text) in texts.iter_mut().enumerate() {
            *text = std::str::from_utf8(self.memory.argument(slot))
                .map_err(|error| format!("an argument is no text: {error}"))?;
        }
        Ok(texts)
    }

    /// A number that no client has had for the last four thousand million ones; never 0.
    fn free_number(&mut self) -> u32 {
        loop {
            self.last_client = self.last_client.wrapping_add(1);
            if self.last_client != 0 && !self.clients.contains_key(&self.last_client) {
                return self.last_client;
            }
        }
    }
}

fn unknown() -> Failure {
    let words = "the client was freed, or never made; make another one";
    Failure::usage("UnknownClient", words)
}
