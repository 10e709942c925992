using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LipSol.Kernel.Tests.Notebooks;
using LipSol.Testing.Pages;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>A notebook as a researcher sees it: in Jupyter's own page, in a real browser, with LipSol's kernel.</summary>
public sealed class JupyterPageTests : IDisposable
{
    private const string Program = "/usr/bin/jupyter-notebook";
    private const string Token = "a-token-of-the-tests";
    private const int Patience = 90;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_cells_run_the_curve_grows_an_interrupt_stops_it_and_after_a_restart_it_goes_on()
    {
        Assert.SkipUnless(File.Exists(Program), $"Jupyter isn't installed (Debian: apt-get install jupyter-notebook).");
        await using var browser = await Browser.OpenAsync();
        using var node = new CannedNode(promotes: true) { Pace = TimeSpan.FromMilliseconds(150) };
        _folder.Write("first.ipynb", (await File.ReadAllTextAsync(RepositoryRoot.In("notebooks", "01-first-experiment.ipynb"), TestContext.Current.CancellationToken))
            .Replace("../.build/feed", RepositoryRoot.In(".build", "feed"), StringComparison.Ordinal)
            .Replace("string server = \\\"\\\";", $"string server = \\\"{node.Url}\\\";", StringComparison.Ordinal));
        await using var jupyter = await Server.StartAsync(_folder);

        await browser.GoAsync($"{jupyter.Url}notebooks/first.ipynb?token={Token}");
        await browser.WaitAsync("window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel && Jupyter.notebook.kernel.info_reply.banner", Patience);
        Assert.Contains("LipSol", (await browser.EvaluateAsync("Jupyter.notebook.kernel.info_reply.banner")).GetString());
        await browser.EvaluateAsync("Jupyter.notebook.set_autosave_interval(0); window.cells = () => Jupyter.notebook.get_cells(); window.following = () => cells().find(c => c.get_text().includes('FollowAsync(IReadOnlyList')); "
            + "window.points = () => (following().element[0].querySelector('.output polyline')?.getAttribute('points') ?? '').split(' ').length; window.said = cell => cell.element[0].querySelector('.output')?.innerText ?? ''; Jupyter.notebook.execute_all_cells(); 1");

        // The curve grows while the cell runs.
        await browser.WaitAsync("points() >= 3", Patience);
        await browser.EvaluateAsync("following().element[0].querySelector('.output').scrollIntoView(); 1");
        await browser.PictureAsync("jupyter-growing", 1180, dark: false);
        var seen = (await browser.EvaluateAsync("points()")).GetInt32();
        await browser.WaitAsync($"points() > {seen}", Patience);
        Assert.Equal("*", (await browser.EvaluateAsync("following().input_prompt_number")).GetString());

        // Stop.
        var stopped = Stopwatch.StartNew();
        await browser.EvaluateAsync("Jupyter.notebook.kernel.interrupt(); 1");
        await browser.WaitAsync("said(following()).includes('Cancelled')", Patience);
        Assert.True(stopped.Elapsed < TimeSpan.FromSeconds(20), $"{stopped.Elapsed.TotalSeconds:0.0} s");
        await browser.PictureAsync("jupyter-interrupted", 1180, dark: false);
        await browser.WaitAsync("!Jupyter.notebook.kernel_busy", Patience);
        Assert.Equal("", (await browser.EvaluateAsync("said(cells()[cells().length - 1])")).GetString());
        await browser.WaitAsync("cells()[cells().length - 1].input_prompt_number == null", Patience);
        await browser.EvaluateAsync("window.more = Jupyter.notebook.insert_cell_at_bottom('code'); more.set_text('runs.Count'); more.execute(); 1");
        await browser.WaitAsync("said(more).includes('2')", Patience);

        // From the beginning, in a new kernel.
        await browser.EvaluateAsync("window.kernels = 0; Jupyter.notebook.events.on('kernel_ready.Kernel', () => kernels++); Jupyter.notebook.kernel.restart(); 1");
        await browser.WaitAsync("kernels > 0 && Jupyter.notebook.kernel.is_connected()", Patience);
        await browser.EvaluateAsync("more.execute(); 1");
        await browser.WaitAsync("said(more).includes(\"'runs' does not exist\")", Patience);
        await browser.EvaluateAsync("Jupyter.notebook.delete_cell(cells().length - 1); Jupyter.notebook.clear_all_output(); Jupyter.notebook.execute_all_cells(); 1");
        await browser.WaitAsync("said(cells()[cells().length - 1]).includes('Words read right')", Patience);
        Assert.Equal(12, (await browser.EvaluateAsync("points()")).GetInt32());
        Assert.True((await browser.EvaluateAsync("cells().every(c => !c.element[0].querySelector('.output_error'))")).GetBoolean());
        // Runs know the notebook, and the kernel that ended left them the file.
        Assert.Contains("\"notebook\": \"first.ipynb\"", node.Notebooks["run-1"].Origin);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(_folder["first.ipynb"], TestContext.Current.CancellationToken))), node.Notebooks["run-1"].Origin);
        Assert.Contains("The first experiment", node.Notebooks["run-1"].Executed);
        // Urdu runs right to left, and mouths move, in Jupyter's page too.
        Assert.Equal("rtl", (await browser.EvaluateAsync("getComputedStyle(document.querySelector('.output bdi[lang=ur]')).direction")).GetString());
        Assert.True((await browser.EvaluateAsync("document.fonts.ready.then(() => [...document.fonts].some(f => f.family.includes('LipSol Urdu') && f.status === 'loaded'))")).GetBoolean());
        Assert.Contains("lipsol-mouth", (await browser.EvaluateAsync("getComputedStyle(document.querySelector('.output .mouth')).animationName")).GetString());
        await browser.EvaluateAsync("following().element[0].scrollIntoView(); 1");
        await browser.PictureAsync("jupyter-done", 1180, dark: false);
        await browser.EvaluateAsync("cells().find(c => c.get_text().includes('new ReadingTable(readings)')).element[0].scrollIntoView(); 1");
        await browser.PictureAsync("jupyter-read", 1180, dark: false);
    }

    /// <summary>Jupyter's server, with a folder of its own for everything.</summary>
    private sealed class Server(Process process, string url) : IAsyncDisposable
    {
        public string Url => url;

        public static async Task<Server> StartAsync(TemporaryFolder folder)
        {
            var (status, said) = await InstallAsync(folder);
            Assert.True(status == 0, said);
            int port;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            var process = Process.Start(Start(folder, Program, "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--port-retries=0", $"--NotebookApp.token={Token}", $"--notebook-dir={folder.Path}"))!;
            var log = new StringBuilder();
            process.ErrorDataReceived += (_, e) => log.AppendLine(e.Data);
            process.OutputDataReceived += (_, e) => log.AppendLine(e.Data);
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            var url = $"http://127.0.0.1:{port}/";
            using var http = new HttpClient();
            for (var since = Stopwatch.StartNew(); ; await Task.Delay(100, TestContext.Current.CancellationToken))
            {
                try
                {
                    using var answer = await http.GetAsync(url + "api", TestContext.Current.CancellationToken);
                    if (answer.IsSuccessStatusCode) return new Server(process, url);
                }
                catch (HttpRequestException) when (!process.HasExited && since.Elapsed < TimeSpan.FromSeconds(Patience))
                {
                    // Not yet.
                }

                Assert.False(process.HasExited, log.ToString());
            }
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private static async Task<(int Status, string Output)> InstallAsync(TemporaryFolder folder)
        {
            using var process = Process.Start(Start(folder, "dotnet", KernelProcess.Program, "notebook", "install"))!;
            var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, string.Concat(await output));
        }

        private static ProcessStartInfo Start(TemporaryFolder folder, string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
            foreach (var (name, place) in new[] { ("HOME", "home"), ("JUPYTER_DATA_DIR", "jupyter"), ("JUPYTER_RUNTIME_DIR", "runtime"), ("JUPYTER_CONFIG_DIR", "config"), ("LIPSOL_DATA", "data"), ("LIPSOL_CACHE", "cache") })
                start.Environment[name] = folder[place];
            Directory.CreateDirectory(folder["home"]);
            // Packages that are there needn't be fetched again for another home.
            start.Environment["NUGET_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return start;
        }
    }
}
