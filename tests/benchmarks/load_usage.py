"""The processor time and the memory of processes, as the load reports them."""

import psutil


class LoadUsage:
    """The processes with some pids, {name: pids}, and the cores {"server": core, "load": core}."""

    def __init__(self, pids, cores):
        self._cores = cores
        self._processes = {
            name: [psutil.Process(pid) for pid in numbers] for name, numbers in pids.items()
        }

    def cpu(self):
        """Return {name: seconds of a core used until now}, with those of child processes."""
        return {
            name: sum(
                sum(one.cpu_times()[:2])
                for process in processes
                for one in (process, *process.children())
            )
            for name, processes in self._processes.items()
        }

    def idle(self):
        """Return {"server" or "load": seconds that its core was idle until now}."""
        times = psutil.cpu_times(percpu=True)
        return {name: times[core].idle for name, core in self._cores.items()}

    def memory(self):
        """Return the bytes that the server's processes hold."""
        return sum(process.memory_info().rss for process in self._processes["server"])
