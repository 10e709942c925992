using System.Diagnostics;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>An interrupt ends a cell within half a second, whatever it does, and the state of those before it is kept.</summary>
public sealed class InterruptTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan BarWhereBusy = TimeSpan.FromSeconds(5);
    private readonly WireClient _client = kernel.Client;

    public static TheoryData<string, string> Cells => new()
    {
        { "a loop", "while (true) { }" },
        { "a loop that writes", "while (true) Console.Write(\"x\");" },
        { "a loop that catches", "while (true) { try { while (true) { } } catch (Exception) { } }" },
        { "a sleep", "System.Threading.Thread.Sleep(-1);" },
        { "an await", "await Task.Delay(-1);" },
        { "an await that never ends", "await new TaskCompletionSource().Task;" },
        { "a wait", "new TaskCompletionSource().Task.Wait();" },
        { "a loop of awaits", "while (true) await Task.Delay(1);" },
        { "a loop behind an await", "await Task.Yield(); while (true) { }" },
        { "a lock", "var held = new object(); var taken = new System.Threading.ManualResetEventSlim(); new System.Threading.Thread(() => { lock (held) { taken.Set(); System.Threading.Thread.Sleep(-1); } }) { IsBackground = true }.Start(); taken.Wait(); lock (held) { }" },
        { "who listens", "await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);" },
        { "F#, which has to start first", "#!fsharp\nlet rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)\nwhile true do fib 20 |> ignore" },
        { "a loop in F#", "#!fsharp\nlet begun = 1\n#!csharp\nConsole.WriteLine(\"runs\");\n#!fsharp\nwhile true do ()" },
        { "a recursion", "int fib(int n) => n < 2 ? n : fib(n - 1) + fib(n - 2);\nwhile (true) fib(20);" },
        { "a loop of calls", "double s = 0; for (;;) s += Math.Sqrt(s + 1);" },
        { "a loop that allocates", "while (true) { var a = new byte[1000]; }" },
        { "a jump back", "again: ; goto again;" },
        { "a library that calls back", "Enumerable.Range(0, int.MaxValue).Select(i => i % 7).Where(i => i < 0).Count()" },
        { "a query", "(from i in Enumerable.Range(0, int.MaxValue) where i % 7 < 0 select i).Count()" },
        { "a query of pairs", "(from a in Enumerable.Range(0, int.MaxValue) from b in Enumerable.Empty<int>() select b).Count()" },
        { "a library that waits", "System.Threading.SpinWait.SpinUntil(() => false);" },
        { "a loop in a finally, behind a catch of everything", "void Forever() { try { while (true) { } } catch { throw; } finally { Console.Write(\"cleaned\"); } } Forever();" },
        { "a library that calls back for nothing", "Array.ForEach(new int[100_000], x => System.Threading.Thread.SpinWait(100_000));" },
        { "recursions in F#", "#!fsharp\nlet rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)\nSeq.initInfinite (fun i -> fib 20) |> Seq.sum" },
        { "a value without end", "Enumerable.Range(0, 10).Select(i => { System.Threading.Thread.Sleep(100_000); return i; })" },
    };

    [Theory]
    [MemberData(nameof(Cells))]
    public void An_interrupt_by_message_ends(string what, string code) => Interrupt(what, code, () =>
    {
        _client.Control("interrupt_request");
        Assert.Equal("interrupt_reply", _client.ControlReply().Type);
    });

    [Theory]
    [MemberData(nameof(Cells))]
    public void An_interrupt_by_signal_ends(string what, string code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT for another process.");
        Interrupt(what, code, Signal);
    }

    [Fact]
    public void A_kernel_whose_parent_ignores_the_signal_is_interrupted_all_the_same()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT for another process.");
        using var started = new KernelProcess("trap '' INT; exec \"$@\"");
        var client = started.Client;
        var id = client.Execute("Console.WriteLine(\"begun\");\nwhile (true) { }");
        Assert.NotNull(client.Hear(m => m.ParentId == id && m.Type == "stream", WireClient.Patience));
        using var kill = Process.Start("kill", ["-INT", $"{started.Process.Id}"]);
        kill.WaitForExit();
        Assert.Equal("Cancelled", (string)client.Reply(id).Content["ename"]!);
    }

    /// <summary>What they throw nobody would catch, and what they do goes on: each has a kernel of its own.</summary>
    [Theory]
    [InlineData("Parallel.For(0, 1000, i => { Console.WriteLine(\"begun\"); while (true) { } });")]
    [InlineData("Parallel.For(0, 100, async i => { Console.WriteLine(\"begun\"); while (true) { } });")]
    [InlineData("async void Work() { Console.WriteLine(\"begun\"); while (true) { } }\nawait Task.Run(() => Work());")]
    [InlineData("new System.Threading.Thread(() => Parallel.For(0, 2_000_000_000, i => { if (i == 0) Console.WriteLine(\"begun\"); })) { IsBackground = true }.Start(); while (true) { }")]
    [InlineData("""
        var xs = Enumerable.Range(0, 1000).ToArray();
        for (var n = 0; ; n++)
        {
            Native.qsort(xs, 1000, 4, (in int a, in int b) => a - b);
            if (n == 0) Console.WriteLine("begun");
        }

        delegate int Comparison(in int a, in int b);
        static class Native { [System.Runtime.InteropServices.DllImport("libc")] public static extern void qsort(int[] items, nint count, nint size, Comparison comparison); }
        """)]
    public void A_cell_that_keeps_every_thread_busy_or_is_called_by_native_code_is_interrupted_by_signal(string code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT for another process.");
        using var started = new KernelProcess();
        var client = started.Client;
        client.Run("var kept = 41;");
        var id = client.Execute(code);
        Assert.NotNull(client.Hear(m => m.ParentId == id && m.Type == "stream", WireClient.Patience));
        using var kill = Process.Start("kill", ["-INT", $"{started.Process.Id}"]);
        kill.WaitForExit();
        Assert.Equal("Cancelled", (string)client.Reply(id).Content["ename"]!);
        Assert.Equal("41", Kept(client));
        Assert.False(started.Process.HasExited);
    }

    [Fact]
    public void Threads_and_timers_of_an_interrupted_cell_go_on_and_the_kernel_with_them()
    {
        // What they throw nobody would catch.
        _client.Run("var ticks = 0; System.Threading.Timer? timer = null;");
        Interrupt("a loop beside a timer and a thread", "timer ??= new(_ => { for (var i = 0; i < 2; i++) ticks++; }, null, 0, 1); new System.Threading.Thread(() => { while (true) { ticks++; System.Threading.Thread.Sleep(1); } }) { IsBackground = true }.Start(); while (true) { }", () => _client.Control("interrupt_request"));
        var before = Value("ticks");
        Assert.True(System.Threading.SpinWait.SpinUntil(() => Value("ticks") > before, WireClient.Patience));
        Assert.Equal("ok", _client.Run("timer!.Dispose();").Reply.Status);
    }

    [Fact]
    public void A_question_can_be_interrupted()
    {
        var id = _client.Execute("Kernel.input(\"who?\")", allowStdin: true);
        _client.InputRequest();
        _client.Control("interrupt_request");
        _client.ControlReply();
        Assert.Equal("Cancelled", (string)_client.Reply(id).Content["ename"]!);
        Assert.Equal("ok", _client.Run("1").Reply.Status);
    }

    [Fact]
    public void An_interrupt_while_nothing_runs_harms_nothing()
    {
        _client.Control("interrupt_request");
        _client.ControlReply();
        Assert.Equal("ok", _client.Run("\"still here\"").Reply.Status);
    }

    [Fact]
    public void A_cell_can_wait_for_its_own_async_method()
    {
        // On a thread with a queue of its own this would wait for ever.
        var (reply, published) = _client.Run("async Task<int> Later() { await Task.Delay(5); return 42; }\nLater().Result.ToString()");
        Assert.Equal("ok", reply.Status);
        Assert.Equal("42", published.Single(m => m.Type == "execute_result").Text("text/plain"));
    }

    private void Signal()
    {
        using var kill = Process.Start("kill", ["-INT", $"{kernel.Process.Id}"]);
        kill.WaitForExit();
    }

    private int Value(string expression) => int.Parse(_client.Run($"{expression}.ToString()").Published.Single(m => m.Type == "execute_result").Text("text/plain")!, System.Globalization.CultureInfo.InvariantCulture);

    // Where the machine is busy, a cell may leave a moment after it was told as cancelled, and until then others are refused. Those that aren't interrupted at all and end by themselves take longer than that.
    private static string? Kept(WireClient client)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var (reply, published) = client.Run("kept.ToString()");
            if ((string?)reply.Content["ename"] != "KernelBusy" || since.Elapsed > BarWhereBusy)
                return published.Single(m => m.Type == "execute_result").Text("text/plain");
        }
    }

    private void Interrupt(string what, string code, Action interrupt)
    {
        _client.Run("var kept = 41;");
        // The machine may be busy with something else: one of three has to show what the kernel can.
        var times = new List<double>();
        while (times.Count < 3 && !times.Exists(t => t <= Bar.TotalSeconds))
        {
            // What it says first is the sign that it runs.
            var id = _client.Execute("Console.WriteLine(\"begun\");\n" + code);
            Assert.NotNull(_client.Hear(m => m.ParentId == id && m.Type == "stream", WireClient.Patience));
            var watch = Stopwatch.StartNew();
            interrupt();
            var reply = _client.Reply(id);
            times.Add(watch.Elapsed.TotalSeconds);
            Assert.Equal((what, "error", "Cancelled"), (what, reply.Status, (string)reply.Content["ename"]!));
            Assert.Equal("41", Kept(_client));
        }

        var told = $"{what}: took {string.Join(", ", times.Select(t => $"{t:0.00}"))} s; load {Machine.Load:0.0}";
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        Assert.True(times.Min() <= (Machine.IsBusy ? BarWhereBusy : Bar).TotalSeconds, told);
    }
}
