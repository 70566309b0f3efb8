//! Something between two hosts that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub struct Proxy {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    ending: Arc<AtomicBool>,
}

impl Proxy {
    pub fn to(target: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (cut, ending) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let (cut_here, ending_here, open_here) = (cut.clone(), ending.clone(), open.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ending_here.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if cut_here.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(onward) = TcpStream::connect(target) else { continue };
                let mut both = open_here.lock().expect("no panic");
                both.push(stream.try_clone().expect("a descriptor"));
                both.push(onward.try_clone().expect("a descriptor"));
                pump(stream.try_clone().expect("a descriptor"), onward.try_clone().expect("a descriptor"));
                pump(onward, stream);
            }
        });
        Proxy { address, cut, open, ending }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whatever goes through is cut, and nothing new is let in.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().expect("no panic").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut bytes = [0; 1 << 14];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
