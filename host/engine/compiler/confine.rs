//! What the compiler child takes from itself: resources, files, the network, other processes, and every system call that
//! compiling never makes.
//!
//! Limits and no new privileges hold everywhere. On Linux, landlock denies all files and TCP where the kernel has it, and
//! seccomp allows a list of calls and ends the process at any other; the same calls are denied twice, by code in two
//! parts of the kernel.
//!
//! Always true here: what the kernel says that it can do is done, or an error says why not. Nothing can be taken back.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits address space and CPU time, forbids files that grow and core dumps, and on Linux ends with its parent and
/// gains no privileges.
pub(super) fn limit_self(memory: u64, cpu_seconds: u64) -> Result<(), String> {
    let hard = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    let cpu = Rlimit { current: Some(cpu_seconds), maximum: Some(cpu_seconds.saturating_add(1)) };
    let limits = [
        ("address space", Resource::As, hard(memory)),
        ("CPU time", Resource::Cpu, cpu),
        ("core dumps", Resource::Core, hard(0)),
        ("the size of files", Resource::Fsize, hard(0)),
        ("open files", Resource::Nofile, hard(32)),
    ];
    for (name, resource, limit) in limits {
        setrlimit(resource, limit).map_err(|error| format!("{name} can't be limited: {error}"))?;
    }
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
            .map_err(|error| format!("it can't be tied to its parent: {error}"))?;
        rustix::thread::set_no_new_privs(true).map_err(|error| format!("privileges can't be given up: {error}"))?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
pub(super) use linux::{allow_compiling_only, give_up_files};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
        RulesetStatus, Scope,
    };
    use seccompiler::{
        BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch, apply_filter_all_threads,
    };

    /// Gives up all files, TCP, and signals to other processes, as far as the kernel's landlock can. Returns the version
    /// of its ABI; none where the kernel has no landlock.
    pub fn give_up_files() -> Result<Option<u32>, String> {
        let status = restrict().map_err(|error| format!("landlock can't be applied: {error}"))?;
        match status.landlock {
            LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => Ok(None),
            LandlockStatus::Available { .. } if status.ruleset == RulesetStatus::NotEnforced => {
                Err("the kernel has landlock and does not enforce it".to_owned())
            }
            LandlockStatus::Available { effective_abi, kernel_abi } => {
                Ok(Some(kernel_abi.and_then(|abi| u32::try_from(abi).ok()).unwrap_or(effective_abi as u32)))
            }
        }
    }

    /// Rights of this version of the ABI are denied, fewer where the kernel knows fewer.
    const LANDLOCK: ABI = ABI::V7;

    fn restrict() -> Result<RestrictionStatus, RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK))?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?
            .restrict_self()
    }

    /// From here on, any system call that compiling does not make ends the process with SIGSYS. Returns whether the
    /// kernel can do that.
    pub fn allow_compiling_only() -> Result<bool, String> {
        if !kernel_has_seccomp()? {
            return Ok(false);
        }
        settle_allocator();
        let failed = |error: &dyn std::fmt::Display| format!("seccomp can't be applied: {error}");
        let (first, second) = filters().map_err(|error| failed(&error))?;
        for filter in [&first, &second] {
            apply_filter_all_threads(filter).map_err(|error| failed(&error))?;
        }
        Ok(true)
    }

    /// Two filters, of which the kernel takes the stricter answer. The flags of `clone3` lie in memory, where a filter
    /// can't see them, so the kernel seems not to have it: then C libraries start threads with `clone`.
    fn filters() -> Result<(BpfProgram, BpfProgram), BackendError> {
        let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
        let not_there = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        let without_clone3 = [(libc::SYS_clone3, Vec::new())].into();
        let without_clone3 = SeccompFilter::new(without_clone3, SeccompAction::Allow, not_there, architecture)?;
        let allowed = SeccompFilter::new(allowed()?, SeccompAction::KillProcess, SeccompAction::Allow, architecture)?;
        Ok((without_clone3.try_into()?, allowed.try_into()?))
    }

    /// The calls that compiling makes, with what must hold of their arguments.
    fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
        let always = [
            // Memory.
            libc::SYS_brk,
            libc::SYS_madvise,
            libc::SYS_mremap,
            libc::SYS_munmap,
            // Threads.
            libc::SYS_clone3,
            libc::SYS_futex,
            libc::SYS_getpid,
            libc::SYS_gettid,
            libc::SYS_rseq,
            libc::SYS_sched_getaffinity,
            libc::SYS_sched_yield,
            libc::SYS_set_robust_list,
            // Signals: its own handlers, for what says why it crashed.
            libc::SYS_restart_syscall,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            libc::SYS_sigaltstack,
            // The rest.
            libc::SYS_clock_gettime,
            libc::SYS_clock_nanosleep,
            libc::SYS_close,
            libc::SYS_exit,
            libc::SYS_exit_group,
            libc::SYS_getrandom,
        ];
        let mut allowed: BTreeMap<i64, Vec<SeccompRule>> = always.into_iter().map(|call| (call, Vec::new())).collect();
        let no_execution = || argument(2, SeccompCmpOp::MaskedEq(flags(libc::PROT_EXEC)), 0);
        let anonymous = argument(4, SeccompCmpOp::Eq, u64::from(u32::MAX))?;
        allowed.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![no_execution()?, anonymous])?]);
        allowed.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![no_execution()?])?]);
        // Threads of this process, and nothing with namespaces of its own.
        let thread = flags(libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND);
        let namespaces = flags(
            libc::CLONE_NEWNS
                | libc::CLONE_NEWCGROUP
                | libc::CLONE_NEWUTS
                | libc::CLONE_NEWIPC
                | libc::CLONE_NEWUSER
                | libc::CLONE_NEWPID
                | libc::CLONE_NEWNET,
        );
        let clone = argument(0, SeccompCmpOp::MaskedEq(thread | namespaces), thread)?;
        allowed.insert(libc::SYS_clone, vec![SeccompRule::new(vec![clone])?]);
        // Standard output and standard error. Whatever else was inherited can be neither read nor written.
        for call in [libc::SYS_write, libc::SYS_writev] {
            allowed.insert(call, vec![SeccompRule::new(vec![argument(0, SeccompCmpOp::Le, 2)?])?]);
        }
        let name_a_thread = argument(0, SeccompCmpOp::Eq, flags(libc::PR_SET_NAME))?;
        allowed.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![name_a_thread])?]);
        let ourselves = argument(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
        allowed.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![ourselves])?]);
        Ok(allowed)
    }

    /// A condition on the lower half of an argument, which is all that these calls look at.
    fn argument(index: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
        SeccompCondition::new(index, SeccompCmpArgLen::Dword, comparison, value)
    }

    fn flags(flags: libc::c_int) -> u64 {
        u64::from(flags.cast_unsigned())
    }

    /// Asks the kernel whether it can end a process at a call that is not allowed.
    fn kernel_has_seccomp() -> Result<bool, String> {
        let action = libc::SECCOMP_RET_KILL_PROCESS;
        // SAFETY: the kernel reads the action, four bytes, and changes nothing.
        let answer = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
        if answer == 0 {
            return Ok(true);
        }
        let error = std::io::Error::last_os_error();
        // SAFETY: the kernel returns a number and changes nothing.
        let filtered = unsafe { libc::prctl(libc::PR_GET_SECCOMP) } == 2;
        match error.raw_os_error() {
            Some(libc::ENOSYS | libc::EINVAL | libc::EOPNOTSUPP) if !filtered => Ok(false),
            _ => Err(format!("the kernel has seccomp and does not let it be used: {error}")),
        }
    }

    /// Keeps the C library's allocator from looking at files, which glibc's does in two places: it counts the cores
    /// before it makes many heaps, and it asks how memory is overcommitted before it gives back a part of one. So the
    /// heaps are few, which saves address space too, and nothing is given back but large allocations.
    fn settle_allocator() {
        #[cfg(target_env = "gnu")]
        // SAFETY: these set numbers; no other thread is running.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, 8);
            libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
            libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
        }
    }
}

/// Systems that have nothing of the kind.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn give_up_files() -> Result<Option<u32>, String> {
    Ok(None)
}

/// Systems that have nothing of the kind.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn allow_compiling_only() -> Result<bool, String> {
    Ok(false)
}
