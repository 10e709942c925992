using System.Diagnostics;

namespace LipSol.Repository.Tests;

/// <summary>`./lipsol test` counts what ran: the real launcher, with a stand-in for the SDK whose test programs report what a test says.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LauncherTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("lipsol-launcher-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public async Task A_test_project_that_runs_no_test_fails_the_run_and_is_named()
    {
        Project("Full", Counts(passed: 3));
        Project("Empty", Counts());
        var (status, last, errors) = await TestAsync();
        Assert.Equal((1, "3 passed, 1 failed, 0 skipped"), (status, last));
        Assert.Contains("LipSol.Empty.Tests ran no test", errors);
        Assert.DoesNotContain("LipSol.Full.Tests ran no test", errors);
    }

    [Fact]
    public async Task A_report_without_an_assembly_is_no_success()
    {
        Project("Full", Counts(passed: 1));
        Project("Odd", "<assemblies></assemblies>");
        var (status, last, errors) = await TestAsync();
        Assert.Equal((1, "1 passed, 1 failed, 0 skipped"), (status, last));
        Assert.Contains("LipSol.Odd.Tests ran no test", errors);
    }

    [Fact]
    public async Task A_filter_may_leave_projects_without_tests_but_not_all_of_them()
    {
        Project("Full", Counts(passed: 2));
        Project("Empty", Counts());
        Assert.Equal((0, "2 passed, 0 failed, 0 skipped"), Answer(await TestAsync("--filter", "Something")));
        Assert.Equal((1, "0 passed, 0 failed, 0 skipped"), Answer(await TestAsync("--filter", "Empty")));
    }

    [Fact]
    public async Task Failures_skips_and_a_project_that_crashes_show_in_the_last_line_and_the_status()
    {
        Project("Full", Counts(passed: 2, skipped: 4));
        Assert.Equal((0, "2 passed, 0 failed, 4 skipped"), Answer(await TestAsync()));
        Project("Bad", Counts(passed: 1, failed: 2));
        Project("Crash", null);
        Assert.Equal((1, "3 passed, 3 failed, 4 skipped"), Answer(await TestAsync()));
    }

    private static (int Status, string Last) Answer((int Status, string Last, string Errors) run) => (run.Status, run.Last);

    private static string Counts(int passed = 0, int failed = 0, int skipped = 0) =>
        $"<assemblies><assembly name=\"x\" errors=\"0\" failed=\"{failed}\" not-run=\"0\" passed=\"{passed}\" skipped=\"{skipped}\" total=\"{passed + failed + skipped}\" /></assemblies>";

    /// <summary>A test project whose program writes <paramref name="report"/>, or crashes where that is null.</summary>
    private void Project(string name, string? report)
    {
        var folder = root.CreateSubdirectory($"tests/LipSol.{name}.Tests");
        File.WriteAllText(Path.Combine(folder.FullName, $"LipSol.{name}.Tests.csproj"), "");
        if (report is not null) File.WriteAllText(Path.Combine(folder.FullName, "report.xml"), report);
    }

    private async Task<(int Status, string Last, string Errors)> TestAsync(params string[] arguments)
    {
        var launcher = Path.Combine(root.FullName, "lipsol");
        File.Copy(Path.Combine(RepositoryFiles.Root, "lipsol"), launcher, overwrite: true);
        foreach (var folder in (string[])["src", "build"]) root.CreateSubdirectory(folder);
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", "LipSol.slnx"]) File.WriteAllText(Path.Combine(root.FullName, file), "");
        var sdk = Path.Combine(root.CreateSubdirectory("sdk").FullName, "dotnet");
        // Runs in the project's folder, as a test program does.
        await File.WriteAllTextAsync(sdk, """
            #!/usr/bin/env bash
            case $1 in --list-sdks) echo "10.0.100 [/sdk]" ;; --version) echo 10.0.100 ;; build) exit 0 ;;
              *) while [ $# -gt 1 ] && [ "$1" != -xml ]; do shift; done; [ -f report.xml ] || exit 134; cp report.xml "$2" ;; esac
            """, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(sdk, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("bash", [launcher, "test", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(sdk);
        start.Environment["LIPSOL_LANDMARK_MODELS"] = root.FullName;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.TrimEnd().Split('\n')[^1], await errors);
    }
}
