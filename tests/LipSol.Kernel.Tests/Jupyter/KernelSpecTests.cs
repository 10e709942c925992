using System.Text.Json.Nodes;
using LipSol.Kernel.Jupyter;

namespace LipSol.Kernel.Tests.Jupyter;

public sealed class KernelSpecTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_names_the_command_and_asks_for_interrupts_by_message_and_is_replaced_by_a_newer_one()
    {
        await KernelSpec.WriteAsync(_folder.Path, ".net-csharp", ["old"], cancellation: TestContext.Current.CancellationToken);
        var path = await KernelSpec.WriteAsync(_folder.Path, ".net-csharp", ["dotnet", "x.dll", "notebook", "kernel"], cancellation: TestContext.Current.CancellationToken);
        var spec = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        Assert.Equal(["dotnet", "x.dll", "notebook", "kernel", "--connection", "{connection_file}"], spec["argv"]!.AsArray().Select(a => a!.ToString()));
        Assert.Equal((OperatingSystem.IsWindows() ? "message" : "signal", "C#"), ((string)spec["interrupt_mode"]!, (string)spec["language"]!));
        Assert.Equal([".net-csharp/kernel.json"], Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.Path, f)));
    }

    [Theory]
    [InlineData("own", "{\"argv\": [\"dotnet\", \"interactive\", \"jupyter\", \"{connection_file}\"]}")]
    [InlineData("own", "damaged")]
    [InlineData("shared", "{\"argv\": [], \"metadata\": {\"debugger\": true}}")]
    public async Task A_kernel_that_is_not_LipSols_is_never_touched_nor_hidden(string where, string text)
    {
        var file = _folder.Write($"{where}/.net-csharp/kernel.json", text);
        var error = await Assert.ThrowsAsync<KernelSpecException>(() =>
            KernelSpec.WriteAsync(_folder["own"], ".net-csharp", ["x"], [_folder["shared"]], TestContext.Current.CancellationToken));
        Assert.Contains("--name", error.Message);
        Assert.Equal(text, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(await KernelSpec.WriteAsync(_folder["own"], "lipsol-csharp", ["x"], [_folder["shared"]], TestContext.Current.CancellationToken)));
    }
}
