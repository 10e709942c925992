using System.Diagnostics;
using System.Text.Json.Nodes;
using LipSol.Kernel.Jupyter;
using LipSol.Kernel.Tests.Notebooks;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>How a kernel begins and ends.</summary>
public sealed class KernelLifeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_ready_and_has_answered_its_first_cell_within_three_seconds()
    {
        // The machine may be busy with something else: one of three starts has to show what the kernel can.
        var times = new List<double>();
        var processor = new List<double>();
        while (times.Count < 3 && !(times.Exists(t => t <= 3) && processor.Exists(t => t <= 3)))
        {
            var watch = Stopwatch.StartNew();
            using var kernel = new KernelProcess();
            var (reply, _) = kernel.Client.Run("var words = new[] { \"ہاں\", \"نہیں\" }; words.Length");
            Assert.Equal("ok", reply.Status);
            times.Add(watch.Elapsed.TotalSeconds);
            processor.Add(kernel.Process.TotalProcessorTime.TotalSeconds);
        }

        var told = $"first cell answered after {string.Join(", ", times.Select(t => $"{t:0.00}"))} s, {string.Join(", ", processor.Select(t => $"{t:0.00}"))} s of them the kernel's own work; load {Machine.Load:0.0}";
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        Assert.True(processor.Min() <= 6, told);
        Assert.SkipWhen((times.Min() > 3 || processor.Min() > 3) && Machine.IsBusy, $"The machine is too busy to tell: {told}.");
        Assert.True(processor.Min() <= 3, told);
        Assert.True(times.Min() <= 3, told);
    }

    [Fact]
    [Trait("Category", "Long")]
    public void A_hundred_cells_add_at_most_a_hundred_megabytes()
    {
        using var kernel = new KernelProcess();
        kernel.Client.Run("1 + 1");
        var before = Memory(kernel);
        for (var i = 0; i < 100; i++)
            Assert.Equal("ok", kernel.Client.Run($"var v{i} = Enumerable.Range(0, {i + 10}).Select(n => n * 2).ToArray(); int F{i}(int n) => n + v{i}.Length; F{i}(1)").Reply.Status);
        var added = (Memory(kernel) - before) / (1024.0 * 1024);
        TestContext.Current.TestOutputHelper?.WriteLine($"{added:0} MB");
        Assert.InRange(added, -1000, 100);
    }

    [Fact]
    public void A_thread_that_a_cell_leaves_behind_does_not_keep_the_kernel()
    {
        using var kernel = new KernelProcess();
        Assert.Equal("ok", kernel.Client.Run("new System.Threading.Thread(() => { while (true) System.Threading.Thread.Sleep(1000); }).Start();").Reply.Status);
        kernel.Client.Control("shutdown_request", new JsonObject { ["restart"] = false });
        Assert.True(kernel.Process.WaitForExit(WireClient.Patience));
    }

    [Fact]
    public void A_notebook_that_jupyter_names_is_what_cells_come_from_and_is_kept_as_it_was_saved_last()
    {
        var path = _folder.Write("مشق.ipynb", SampleNotebook.Of(SampleNotebook.Code("string token = \"hush-hush\"; double rate = 0.1;", "parameters")));
        using var kernel = new KernelProcess(parent: null, session: path);
        kernel.Client.Metadata = new JsonObject { ["cellId"] = "cell-7" };
        Assert.Equal("ok", kernel.Client.Run("string token = \"hush-hush\"; double rate = 0.1;").Reply.Status);
        Assert.Equal("ok", kernel.Client.Run("rate = 0.5;").Reply.Status);
        var (reply, told) = kernel.Client.Run($$"""
            var told = ((Func<IReadOnlyDictionary<string, object?>?>)AppContext.GetData("LipSol.Notebook")!)()!;
            ((Action<Func<byte[], System.Threading.CancellationToken, System.Threading.Tasks.Task>>)told["executed"]!)((bytes, _) => System.IO.File.WriteAllBytesAsync("{{_folder["kept.ipynb"]}}", bytes));
            $"{told["notebook"]} {told["cell"]} {told["sha256"]} {string.Join(' ', (IReadOnlyDictionary<string, string>)told["parameters"]!)}"
            """);
        Assert.Equal("ok", reply.Status);
        Assert.Contains($"مشق.ipynb cell-7 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))} [rate, 0.5]", told.Single(m => m.Type == "execute_result").Text("text/plain"));
        File.WriteAllText(path, SampleNotebook.Of(SampleNotebook.Code("string token = \"hush-hush\"; // saved", "parameters")));
        kernel.Client.Control("shutdown_request", new JsonObject { ["restart"] = false });
        Assert.True(kernel.Process.WaitForExit(WireClient.Patience));
        var kept = File.ReadAllText(_folder["kept.ipynb"]);
        Assert.Contains("// saved", kept);
        Assert.DoesNotContain("hush-hush", kept);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_shutdown_is_answered_and_the_process_ends_also_while_a_cell_runs(bool restart)
    {
        using var kernel = new KernelProcess();
        var id = kernel.Client.Execute("Console.WriteLine(\"begun\"); while (true) { }");
        Assert.NotNull(kernel.Client.Hear(m => m.ParentId == id && m.Type == "stream", WireClient.Patience));
        kernel.Client.Control("shutdown_request", new JsonObject { ["restart"] = restart });
        var reply = kernel.Client.ControlReply();
        Assert.Equal(("shutdown_reply", restart), (reply.Type, (bool)reply.Content["restart"]!));
        Assert.True(kernel.Process.WaitForExit(WireClient.Patience), "the process goes on");
        Assert.Equal(0, kernel.Process.ExitCode);
    }

    [Fact]
    public void When_its_parent_dies_it_ends()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test starts the kernel through a shell.");
        using var kernel = new KernelProcess(parent: "\"$@\" & echo $!; wait");
        var id = int.Parse(kernel.Process.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        using var program = Process.GetProcessById(id);
        Assert.False(program.HasExited);
        kernel.Process.Kill();
        Assert.True(program.WaitForExit(WireClient.Patience), "the kernel outlives who started it");
    }

    [Fact]
    public void A_cell_that_ends_the_process_ends_it_with_its_status()
    {
        using var kernel = new KernelProcess();
        kernel.Client.Execute("Environment.Exit(7);");
        Assert.True(kernel.Process.WaitForExit(WireClient.Patience));
        Assert.Equal(7, kernel.Process.ExitCode);
    }

    [Theory]
    [InlineData("{", "isn't JSON")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"ip\": \"127.0.0.1\", \"transport\": \"tcp\", \"key\": \"k\", \"signature_scheme\": \"hmac-sha256\", \"shell_port\": 1, \"hb_port\": 2}", "is missing control_port, iopub_port, stdin_port")]
    [InlineData("{\"ip\": \"x\", \"transport\": \"ipc\", \"key\": \"k\", \"signature_scheme\": \"hmac-sha256\", \"shell_port\": 1, \"hb_port\": 2, \"control_port\": 3, \"iopub_port\": 4, \"stdin_port\": 5}", "the transport ipc")]
    [InlineData("{\"ip\": \"x\", \"transport\": \"tcp\", \"key\": \"k\", \"signature_scheme\": \"hmac-md5\", \"shell_port\": 1, \"hb_port\": 2, \"control_port\": 3, \"iopub_port\": 4, \"stdin_port\": 5}", "hmac-md5")]
    [InlineData("{\"ip\": \"x\", \"transport\": \"tcp\", \"key\": \"k\", \"signature_scheme\": \"hmac-sha256\", \"shell_port\": 0, \"hb_port\": 2, \"control_port\": 3, \"iopub_port\": 4, \"stdin_port\": 5}", "no port number")]
    [InlineData("{\"ip\": 7, \"transport\": \"tcp\", \"key\": \"k\", \"signature_scheme\": \"hmac-sha256\", \"shell_port\": 1, \"hb_port\": 2, \"control_port\": 3, \"iopub_port\": 4, \"stdin_port\": 5}", "no text as ip")]
    public void A_connection_file_that_cannot_be_used_is_refused_with_the_reason(string json, string said)
    {
        var error = Assert.Throws<ConnectionFileException>(() => ConnectionFile.Read(_folder.Write("connection.json", json)));
        Assert.Contains(said, error.Message);
        Assert.Contains("connection.json", error.Message);
    }

    [Fact]
    public async Task The_program_says_so_too_and_ends_with_the_status_of_bad_input()
    {
        var file = _folder.Write("connection.json", "{\"ip\": \"127.0.0.1\"}");
        using var program = Process.Start(new ProcessStartInfo("dotnet", [KernelProcess.Program, "notebook", "kernel", "--connection", file]) { RedirectStandardError = true })!;
        var errors = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, program.ExitCode);
        Assert.Contains("is missing transport, key", errors);
    }

    private static long Memory(KernelProcess kernel)
    {
        kernel.Client.Run("GC.Collect();");
        kernel.Process.Refresh();
        return kernel.Process.WorkingSet64;
    }
}
