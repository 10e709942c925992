using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LipSol.Testing.Postgres;

namespace LipSol.Testing.S3;

/// <summary>A real S3 store of a test's own: Ceph with one monitor, one object store in memory and one gateway, on ports of 127.0.0.1, in a folder of its own. It ends with the test program, however that ends.</summary>
public sealed class CephStore : IAsyncDisposable
{
    /// <summary>The keys of its one user.</summary>
    public const string AccessKey = "LIPSOLTESTKEY", SecretKey = "lipsoltestsecret";
    private const string FolderPrefix = "lipsol-ceph-";
    private const int MostAttempts = 3;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private readonly long _bytes;
    private readonly string _folder;
    private readonly List<ServerProcess> _processes = [];

    private CephStore(string folder, int port, long bytes) => (_folder, Port, _bytes) = (folder, port, bytes);

    /// <summary>The gateway's port.</summary>
    public int Port { get; }

    /// <summary>The gateway's address.</summary>
    public string Endpoint => $"http://127.0.0.1:{Port}";

    /// <summary>Makes and starts a store: some 15 s.</summary>
    /// <param name="bytes">How much it holds, in memory; what is removed makes no room.</param>
    public static async Task<CephStore> StartAsync(long bytes = 2L << 30)
    {
        if (!CephInstallation.IsThere) throw new InvalidOperationException(CephInstallation.HowToInstall);
        ServerPlace.RemoveAbandoned(FolderPrefix);
        for (var attempt = 1; ; attempt++)
        {
            var store = new CephStore(Directory.CreateTempSubdirectory($"{FolderPrefix}{Environment.ProcessId}-").FullName, ServerPlace.FreePort(), bytes);
            try
            {
                await store.BeginAsync();
                return store;
            }
            catch (InvalidOperationException) when (attempt < MostAttempts)
            {
                // Another program took one of its ports between the look and the start.
                await store.DisposeAsync();
            }
            catch
            {
                await store.DisposeAsync();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess process in Enumerable.Reverse(_processes)) await process.EndAsync("KILL");
        _processes.Clear();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private string Configuration => Path.Combine(_folder, "ceph.conf");

    private async Task BeginAsync()
    {
        int monitor = ServerPlace.FreePort();
        string id = Guid.NewGuid().ToString();
        foreach (string folder in (string[])["mon", "osd", "run"]) Directory.CreateDirectory(Path.Combine(_folder, folder));
        await File.WriteAllTextAsync(Configuration, $"""
            [global]
            fsid = {id}
            mon_host = v1:127.0.0.1:{monitor}
            public_addr = 127.0.0.1
            cluster_addr = 127.0.0.1
            ms_bind_msgr2 = false
            auth_cluster_required = none
            auth_service_required = none
            auth_client_required = none
            auth_supported = none
            osd_pool_default_size = 1
            osd_pool_default_min_size = 1
            mon_allow_pool_size_one = true
            mon_warn_on_pool_no_redundancy = false
            osd_pool_default_pg_num = 1
            osd_pool_default_pgp_num = 1
            osd_pool_default_pg_autoscale_mode = off
            osd_crush_chooseleaf_type = 0
            osd_objectstore = memstore
            memstore_device_bytes = {_bytes}
            osd_max_object_name_len = 1024
            mon_data_avail_crit = 1
            mon_max_pg_per_osd = 1000
            run_dir = {_folder}/run
            admin_socket = {_folder}/run/$name.asok
            log_file = {_folder}/$name.log
            mon_data = {_folder}/mon
            osd_data = {_folder}/osd
            rgw_frontends = beast endpoint=127.0.0.1:{Port}
            rgw_dns_name = localhost
            """.ReplaceLineEndings("\n") + "\n", Encoding.ASCII);
        string map = Path.Combine(_folder, "monmap"), keys = Path.Combine(_folder, "mon.keyring");
        await RunAsync("monmaptool", "--create", "--clobber", "--fsid", id, "--enable-all-features", "--addv", "a", $"[v1:127.0.0.1:{monitor}]", map);
        await RunAsync("ceph-authtool", "--create-keyring", keys, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        await RunAsync("ceph-mon", "--mkfs", "-i", "a", "--monmap", map, "--keyring", keys);
        Start("ceph-mon", "-i", "a", "-f");
        await UntilAsync("its monitor answers", async () => (await TryAsync("ceph", "--connect-timeout", "3", "-s")).Status == 0);
        string disk = Guid.NewGuid().ToString();
        string number = "";
        // On a busy machine it answers before it takes commands. The same disk again is the same number.
        await UntilAsync("its monitor takes commands", async () =>
        {
            (int status, string output, _) = await TryAsync("ceph", "osd", "new", disk);
            number = output.Trim();
            return status == 0;
        });
        await RunAsync("ceph-osd", "-i", number, "--mkfs", "--osd-uuid", disk);
        Start("ceph-osd", "-i", number, "-f");
        await UntilAsync("its object store is up", async () => (await TryAsync("ceph", "osd", "stat")).Output.Contains("1 up", StringComparison.Ordinal));
        Start("radosgw", "-n", "client.rgw", "-f");
        await UntilAsync("its gateway answers", IsAnsweringAsync);
        await RunAsync("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid", "lipsol", "--display-name", "lipsol", "--access-key", AccessKey, "--secret", SecretKey);
    }

    private async Task<bool> IsAnsweringAsync()
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Start(params string[] command) => _processes.Add(new ServerProcess(["env", $"CEPH_CONF={Configuration}", "LC_ALL=C.UTF-8", "setpriv", "--pdeathsig=KILL", .. command]));

    private async Task UntilAsync(string what, Func<Task<bool>> so)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await so())
        {
            if (_processes.Any(p => p.HasEnded) || Stopwatch.GetElapsedTime(started) > LongestStart)
                throw new InvalidOperationException($"Ceph didn't start: waited until {what}. Last words: {string.Join('\n', _processes.Select(p => p.Output))}");
            await Task.Delay(100);
        }
    }

    private async Task<string> RunAsync(params string[] command)
    {
        (int status, string output, string errors) = await TryAsync(command);
        return status == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {status}: {output}{errors}");
    }

    private async Task<(int Status, string Output, string Errors)> TryAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CEPH_CONF"] = Configuration;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
