using System.Runtime.InteropServices;
using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Loading;

/// <summary>ONNX Runtime tells its maker of what it does, unless it's told not to before it starts.</summary>
public sealed class RuntimeStartTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ONNX_Runtime_tells_nobody_of_the_models_it_loads()
    {
        using var model = LoadedModel.Load(BrightnessModel.Write(folder.Path));
        // What native code sees, and what the programs see that this one starts.
        Assert.Equal("1", Marshal.PtrToStringUTF8(Variable(RuntimeStart.Switch)));
        Assert.Equal("1", Environment.GetEnvironmentVariable(RuntimeStart.Switch));
        // Where it does tell, it holds a database of what isn't sent yet open.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The open files are read from /proc.");
        Assert.DoesNotContain(new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos(), f => f.LinkTarget?.Contains("onnxruntime.db", StringComparison.Ordinal) == true);
    }

    [DllImport("libc", EntryPoint = "getenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Variable(string name);
}
