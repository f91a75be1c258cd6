from tests.answers import BIRTH
from tests.browser.scene import COMPANY, PASSPORT
from tests.browser.states.kinds import States, anybody, shown

NOTHING = "/tra-cuu/H01-261122-9999"

STATES: States = {
    "/": shown(anonymous=("anybody", "/"), citizen=("citizen", "/"), official=("official", "/")),
    **{
        path: anybody(path)
        for path in (
            "/tro-giup",
            "/tiep-can",
            "/rieng-tu",
            "/api",
            "/trang-thai",
            "/thanh-toan",
            "/nop-phat",
            "/phan-anh",
            "/dang-ky",
            "/dang-ky/cong-dan",
            "/dang-ky/doanh-nghiep",
            "/da-dang-xuat",
        )
    },
    "/dang-ky/<any('cong-dan', 'doanh-nghiep'):place>/sap-co/<method>": shown(
        citizen=("anybody", "/dang-ky/cong-dan/sap-co/usb-token"),
        business=("anybody", "/dang-ky/doanh-nghiep/sap-co/usb-token"),
    ),
    "/cong-dan": shown(
        plain=("anybody", "/cong-dan"),
        event=("anybody", "/cong-dan?event=co-con-nho"),
        vehicles=("anybody", "/cong-dan?event=phuong-tien-va-nguoi-lai"),
        found=("citizen", "/cong-dan?q=ho+chieu"),
        nothing=("anybody", "/cong-dan?q=zzzzz"),
    ),
    "/doanh-nghiep": anybody("/doanh-nghiep"),
    "/thu-tuc": shown(
        plain=("anybody", "/thu-tuc"),
        found=("anybody", "/thu-tuc?q=khai+sinh"),
        coming=("anybody", "/thu-tuc?q=nop+phat"),
    ),
    "/thu-tuc/<code>": shown(
        cases=("anybody", f"/thu-tuc/{BIRTH}"),
        fees=("anybody", f"/thu-tuc/{PASSPORT}"),
        business=("anybody", f"/thu-tuc/{COMPANY}"),
        business_citizen=("citizen", f"/thu-tuc/{COMPANY}"),
        official=("official", f"/thu-tuc/{BIRTH}"),
        unknown=("anybody", "/thu-tuc/9.999999"),
    ),
    "/tra-cuu": shown(plain=("anybody", "/tra-cuu"), malformed=("anybody", "/tra-cuu?code=x1")),
    "/tra-cuu/<code>": shown(
        by_code=("anybody", "/tra-cuu/{new}"),
        by_receipt=("anybody", "/tra-cuu/{new}?key={key}"),
        refused=("anybody", "/tra-cuu/{refused}"),
        unknown=("anybody", NOTHING),
    ),
}
