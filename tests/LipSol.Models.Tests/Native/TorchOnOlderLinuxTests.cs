using System.Runtime.InteropServices;
using LipSol.Models.Native;
using TorchSharp;

namespace LipSol.Models.Tests.Native;

public sealed class TorchOnOlderLinuxTests
{
    private static string Library() => Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).FirstOrDefault() ?? "";

    [Fact]
    public void Torch_works_here()
    {
        using var sum = torch.ones(3).sum();
        Assert.Equal(3, sum.item<float>());
    }

    [Fact]
    public void Torchs_threads_wait_without_spinning()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("libgomp is Linux's.");
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null || Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null) Assert.Skip("The environment says how they wait.");
        Assert.Equal("passive", Marshal.PtrToStringUTF8(GetEnvironment("OMP_WAIT_POLICY")));
    }

    [DllImport("libc", EntryPoint = "getenv", BestFitMapping = false)]
    private static extern nint GetEnvironment([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [Fact]
    public void Exactly_one_flag_of_one_entry_changes()
    {
        if (Library() is not { Length: > 0 } path) { Assert.Skip("TorchSharp's library for Linux isn't here."); return; }
        var before = File.ReadAllBytes(path);
        var after = before.ToArray();
        Assert.True(TorchOnOlderLinux.TryWeaken(after, "GLIBCXX_3.4.32"));
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        Assert.Equal(2, after[Assert.Single(changed)] ^ before[changed[0]]);
        Assert.False(TorchOnOlderLinux.TryWeaken(after, "GLIBCXX_3.4.32"), "it's weak already");
    }

    [Fact]
    public void A_library_that_needs_no_such_version_is_left_alone()
    {
        if (Library() is not { Length: > 0 } path) { Assert.Skip("TorchSharp's library for Linux isn't here."); return; }
        Assert.False(TorchOnOlderLinux.TryWeaken(File.ReadAllBytes(path), "GLIBCXX_9.9.99"));
    }

    [Fact]
    public void What_is_no_library_is_left_alone()
    {
        Assert.False(TorchOnOlderLinux.TryWeaken([], "GLIBCXX_3.4.32"));
        Assert.False(TorchOnOlderLinux.TryWeaken(new byte[4096], "GLIBCXX_3.4.32"));
        var cut = new byte[80];
        "\u007fELF\u0002"u8.CopyTo(cut);
        cut.AsSpan(0x28).Fill(0x7f);
        Assert.False(TorchOnOlderLinux.TryWeaken(cut, "GLIBCXX_3.4.32"));
    }
}
