using System.Diagnostics;
using System.Text.Json.Nodes;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>Jupyter's own client, as Debian packages it, with the kernelspec that the command line installs. The headless runner changes the process's folder, so these tests take turns with others that do.</summary>
[Collection("process folder")]
public sealed class JupyterClientTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_runs_a_notebook_and_the_outputs_are_those_of_the_headless_runner()
    {
        await ReadyAsync();
        var notebook = Of(
            Markdown("# A notebook"),
            Code("var words = new[] { \"ہاں\", \"نہیں\" };\nConsole.WriteLine(words.Length);", "parameters"),
            Code("var d = KernelInvocationContext.Current.Display(HTML(\"<b>one</b>\"), \"text/html\"); d.Update(HTML(\"<b>two</b>\"));"),
            Code("#!html\n<i>said</i>"),
            Code("await Task.Delay(10); words[0]"));
        var there = _folder.Write("book.ipynb", notebook);
        var (status, output) = await PythonAsync("""
            import sys, nbformat
            from nbclient import NotebookClient
            book = nbformat.read(sys.argv[1], 4)
            NotebookClient(book, timeout=120, kernel_name=".net-csharp").execute()
            nbformat.validate(book)
            nbformat.write(book, sys.argv[2])
            """, there, _folder.File("theirs.ipynb"));
        Assert.True(status == 0, output);

        await LipSol.Kernel.Notebooks.NotebookRunner.RunAsync(new() { NotebookPath = there, OutputPath = _folder.File("ours.ipynb") }, TestContext.Current.CancellationToken);
        Assert.Equal(Outputs("ours.ipynb"), Outputs("theirs.ipynb"));
        Assert.Contains("<b>two</b>", Outputs("theirs.ipynb"));
    }

    [Fact]
    public async Task It_stops_at_a_failing_cell_interrupts_restarts_and_goes_on()
    {
        await ReadyAsync();
        var (status, output) = await PythonAsync("""
            import time
            from jupyter_client.manager import start_new_kernel
            manager, client = start_new_kernel(kernel_name=".net-csharp")
            try:
                def run(code):
                    return client.execute_interactive(code, timeout=60, output_hook=lambda m: None)["content"]
                assert run("var kept = 1;")["status"] == "ok"
                failed = run("\nthrow new Exception(\"no\");")
                assert failed["ename"] == "System.Exception", failed
                assert failed["traceback"][1].endswith("line 2"), failed
                busy = client.execute("while (true) { }")
                while True:
                    message = client.get_iopub_msg(timeout=60)
                    if message["msg_type"] == "execute_input" and message["parent_header"]["msg_id"] == busy: break
                manager.interrupt_kernel()
                while True:
                    reply = client.get_shell_msg(timeout=60)
                    if reply["parent_header"]["msg_id"] == busy: break
                assert reply["content"]["ename"] == "Cancelled", reply["content"]
                assert run("kept")["status"] == "ok"
                manager.restart_kernel(now=False)
                client.wait_for_ready(timeout=60)
                assert run("kept")["ename"] == "CompilationError"
                assert run("1 + 1")["status"] == "ok"
                assert "Console" in client.complete("Consol", reply=True, timeout=60)["content"]["matches"]
            finally:
                client.stop_channels()
                manager.shutdown_kernel()
            assert not manager.is_alive()
            """);
        Assert.True(status == 0, output);
    }

    private async Task ReadyAsync()
    {
        Assert.SkipUnless(File.Exists(Python), $"There is no {Python}.");
        var (status, output) = await PythonAsync("import nbclient, nbformat, jupyter_client");
        Assert.SkipUnless(status == 0, $"Jupyter's client isn't installed (apt-get install python3-nbclient): {output}");
        var (installed, said) = await RunAsync("dotnet", [KernelProcess.Program, "notebook", "install"]);
        Assert.True(installed == 0, said);
        Assert.True(File.Exists(_folder.File("jupyter/kernels/.net-csharp/kernel.json")), said);
    }

    private Task<(int Status, string Output)> PythonAsync(string script, params string[] arguments) => RunAsync(Python, ["-c", script, .. arguments]);

    private async Task<(int Status, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        start.Environment["JUPYTER_DATA_DIR"] = _folder.File("jupyter");
        start.Environment["JUPYTER_RUNTIME_DIR"] = _folder.File("runtime");
        start.Environment["LIPSOL_DATA"] = _folder.File("data");
        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(await output));
    }

    private string Outputs(string file) => string.Join('\n', JsonNode.Parse(File.ReadAllText(_folder.File(file)))!["cells"]!.AsArray()
        .Where(c => (string)c!["cell_type"]! == "code")
        .SelectMany(c => c!["outputs"]!.AsArray())
        .Select(o => $"{o!["output_type"]} {o["name"]} {Text(o["text"])} {string.Join(' ', (o["data"]?.AsObject() ?? []).Select(d => $"{d.Key}={Text(d.Value)}"))}"));

    private static string Text(JsonNode? node) => node is JsonArray lines ? string.Concat(lines.Select(l => l!.ToString())) : node?.ToString() ?? "";
}
